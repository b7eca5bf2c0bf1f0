/** Keys, people and memories of signed approvals for the jobs' tests. */
import { createAuditLog } from '../../src/adapters/audit-log.ts';
import type { ApprovalLedger, Approver } from '../../src/model/approval.ts';
import type { AuditHead, AuditHeads, AuditLog, AuditRecord } from '../../src/model/audit.ts';
import type { FixPlan, PlanRecord } from '../../src/model/fix.ts';
import type { RunStore } from '../../src/model/runs.ts';
import { createSeals, type Seals } from '../../src/model/seal.ts';
import { withoutSecrets } from '../../src/model/stored-event.ts';
import { sealPlan } from '../../src/plans/signed-plan.ts';
import { samplePlan } from './sample-plan.ts';

export const testSeals: Seals = createSeals(Buffer.alloc(32, 7));
/** Of a machine that has another key. */
export const otherSeals: Seals = createSeals(Buffer.alloc(32, 8));

/** Somebody who clicks in Slack. */
export function person(name: string): Approver {
  return { name, via: { kind: 'slack', channel: 'C0ONCALL', thread: '17.1', message: '17.2', click: `18.${name}` } };
}

/** Somebody at the command line. */
export function operator(name: string, uid = 1000): Approver {
  return { name: `${name} (cli, uid ${uid})`, via: { kind: 'cli', uid } };
}

/** The record of a plan as this program makes it. */
export function proposed(plan: FixPlan, requester = 'ann', seals: Seals = testSeals): PlanRecord {
  return sealPlan(seals, plan, requester);
}

/** Stores a sample plan as proposed, and the start of its run if nobody did. */
export async function proposeSample(store: RunStore, change: Partial<FixPlan>): Promise<FixPlan> {
  const made = samplePlan(change);
  await store.savePlan(proposed(made));
  if ((await store.events(made.run)).length === 0)
    await store.append(
      made.run,
      withoutSecrets({
        at: made.createdAt,
        type: 'started',
        target: made.target,
        requester: 'ann',
        origin: { kind: 'cli', channel: null, thread: null, joins: null },
      }),
    );
  return made;
}

export function memoryLedger(): ApprovalLedger {
  const used = new Set<string>();
  return { spend: async (id) => !used.has(id) && used.add(id).size > 0 };
}

export function memoryHeads(): AuditHeads {
  let newest: AuditHead | null = null;
  return {
    newest: async () => newest,
    keep: async (head) => {
      if (!newest || head.number > newest.number) newest = head;
    },
  };
}

/** For tests that do not read it. */
export function noAudit(): AuditLog {
  return {
    append: async () => undefined,
    verify: () => Promise.reject(new Error('not asked')),
    otherKey: async () => null,
    trail: () => Promise.reject(new Error('not asked')),
    close: async () => undefined,
  };
}

/** The real chain in a test's Redis. */
export function auditOn(
  address: string,
  options: {
    readonly seals?: Seals;
    readonly heads?: AuditHeads;
    readonly prefix?: string;
    readonly most?: number;
    readonly onRecord?: (record: AuditRecord) => void;
    readonly onError?: (error: Error) => void;
  } = {},
): AuditLog {
  return createAuditLog({
    address,
    seals: testSeals,
    heads: memoryHeads(),
    onError: (error) => {
      throw error;
    },
    onRecord: () => undefined,
    ...options,
  });
}
