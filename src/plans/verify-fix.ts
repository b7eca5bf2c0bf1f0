import type { FixPlan } from '../model/fix.ts';
import { subjectName, type Subject } from '../model/rule.ts';
import { lookAgain, type DiagnoseDeps, type DiagnoseRequest } from '../engine/diagnose.ts';
import { findingsOf, type Evaluation } from '../engine/evaluate.ts';

/**
 * What a check of a plan's finding said. `verified`: the finding was judged again and no longer fails. `fails`: it was
 * judged and still fails. `not-judged`: nobody could tell (the pod is not ready, a read failed).
 */
export interface Verification {
  readonly state: 'verified' | 'fails' | 'not-judged';
  readonly why: string;
}

/** Milliseconds between the end of one check and the next: components back off before they try again. */
const pauseMs = 2000;

/**
 * Checks the finding of a plan until it is verified, or until the plan's time is over: then what the last check said
 * counts. A check that could not judge the finding verifies nothing.
 */
export async function verifyFix(
  deps: DiagnoseDeps,
  request: DiagnoseRequest,
  plan: FixPlan,
  signal: AbortSignal,
): Promise<Verification> {
  const deadline = deps.clock.now().getTime() + plan.verify.withinSeconds * 1000;
  for (let check = 1; ; check += 1) {
    const checked = await lookAgain(deps, { ...request, run: `${request.run}.${check}` }, [plan.verify.rule], signal);
    const verification = verificationOf(checked.get(plan.verify.rule), plan);
    if (verification.state === 'verified' || signal.aborted || deps.clock.now().getTime() + pauseMs > deadline)
      return verification;
    await deps.clock.sleep(pauseMs, signal);
  }
}

/** Judges one check. A finding is the same when it is of the same rule and subject. */
function verificationOf(
  evaluation: Evaluation | undefined,
  { subject, verify }: Pick<FixPlan, 'subject' | 'verify'>,
): Verification {
  if (!evaluation) return { state: 'not-judged', why: `there is no rule ${verify.rule}` };
  const { outcome } = evaluation;
  if (outcome.outcome === 'pass') return { state: 'verified', why: outcome.by };
  if (outcome.outcome !== 'fail') return { state: 'not-judged', why: outcome.why };
  const failing = findingsOf(evaluation).some((finding) => isSameSubject(finding.subject, subject));
  return failing
    ? { state: 'fails', why: `${verify.rule} still fails for ${subjectName(subject)}` }
    : { state: 'verified', why: `${verify.rule} no longer fails for ${subjectName(subject)}` };
}

function isSameSubject(one: Subject, other: Subject): boolean {
  return one.kind === other.kind && one.name === other.name;
}
