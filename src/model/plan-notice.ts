import type { FixPlan, PlanRecord } from './fix.ts';

/**
 * Returns what stands for a stored plan that this program did not make, or that somebody changed. Nothing that the
 * store says of the plan is shown.
 */
export function planNotice(id: string, run: string): PlanRecord {
  const plan: FixPlan = {
    id,
    fix: 'unknown',
    run,
    cluster: 'unknown',
    target: { cluster: 'unknown', namespace: 'unknown', pod: 'unknown', from: null, port: null },
    finding: 'unknown',
    rule: 'unknown',
    subject: { kind: 'Pod', name: 'unknown' },
    title: 'This plan cannot be approved',
    reason:
      'Redis holds a plan that this bot did not make, or that somebody changed. Tell the owner of the bot, ' +
      'then diagnose again.',
    steps: [],
    diff: '',
    blastRadius: 'nothing',
    risk: 'high',
    rollback: { kind: 'none', description: 'nothing' },
    preconditions: [],
    verify: { rule: 'unknown', withinSeconds: 1 },
    controls: [],
    input: {},
    nodes: [],
    createdAt: epoch,
    expiresAt: epoch,
    digest: '',
  };
  return {
    plan,
    state: 'refused',
    requester: '',
    approver: null,
    reason: null,
    updatedAt: epoch,
    applied: null,
    seal: null,
    approval: null,
    appliedSeal: null,
  };
}

/** Whether it stands for another plan: its state says nothing of what became of that one. */
export function isPlanNotice({ plan }: PlanRecord): boolean {
  return plan.fix === 'unknown' && plan.digest === '';
}

const epoch = '1970-01-01T00:00:00.000Z';
