import { subjectName } from '../model/rule.ts';
import type { FixPlan } from '../model/fix.ts';
import { lookAgain, type DiagnoseDeps, type DiagnoseRequest } from '../engine/diagnose.ts';
import { findingsOf, type Evaluation } from '../engine/evaluate.ts';

export interface Healing {
  readonly healed: boolean;
  /** What the last look said. */
  readonly why: string;
}

/** Milliseconds between the end of one look and the next: healing waits on programs that back off. */
const pauseMs = 2000;

/**
 * Looks at the finding of a plan until its rule no longer fails for the plan's subject, or its time is over. A look
 * that could not be made heals nothing.
 */
export async function waitUntilHealed(deps: DiagnoseDeps, request: DiagnoseRequest, plan: FixPlan, signal: AbortSignal): Promise<Healing> {
  const deadline = deps.clock.now().getTime() + plan.verify.withinSeconds * 1000;
  for (let look = 1; ; look += 1) {
    const looked = await lookAgain(deps, { ...request, run: `${request.run}.${look}` }, [plan.verify.rule], signal);
    const healing = healingOf(looked.get(plan.verify.rule), plan);
    if (healing.healed || signal.aborted || deps.clock.now().getTime() + pauseMs > deadline) return healing;
    await deps.clock.sleep(pauseMs, signal);
  }
}

/** Judges one look. `subject` as `subjectName` makes it. */
export function healingOf(evaluation: Evaluation | undefined, { subject, verify }: Pick<FixPlan, 'subject' | 'verify'>): Healing {
  if (!evaluation) return { healed: false, why: `there is no rule ${verify.rule}` };
  const { outcome } = evaluation;
  if (outcome.outcome === 'pass') return { healed: true, why: outcome.by };
  if (outcome.outcome !== 'fail') return { healed: outcome.outcome === 'not-applicable', why: outcome.why };
  const failing = findingsOf(evaluation).some((finding) => subjectName(finding.subject) === subject);
  return failing ? { healed: false, why: `${verify.rule} still holds for ${subject}` } : { healed: true, why: `${verify.rule} no longer holds for ${subject}` };
}
