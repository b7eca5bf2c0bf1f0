import { steps, type StepId } from '../model/steps.ts';
import type { Clock } from '../model/ports.ts';
import type { FlowState } from '../model/flow-state.ts';
import type { SettledStep, StepStatus } from '../model/verdict.ts';
import type { Gathering } from './gather.ts';
import { findingsOf, type Evaluation } from './evaluate.ts';
import { toFinding } from './finding.ts';

/** Returns a step's line: failed if a rule failed, inconclusive if one could not be judged, skipped if none applied. */
export async function settleStep(
  id: StepId,
  evaluations: readonly Evaluation[],
  gathering: Gathering,
  startedAt: Date,
  clock: Clock,
): Promise<SettledStep> {
  const { status, summary } =
    id === 'reachability' ? await reachabilityLine(evaluations, gathering) : lineOf(evaluations);
  return {
    id,
    title: steps.find((step) => step.id === id)?.title ?? id,
    status,
    startedAt: startedAt.toISOString(),
    durationMs: clock.now().getTime() - startedAt.getTime(),
    summary,
  };
}

function lineOf(evaluations: readonly Evaluation[]): { status: StepStatus; summary: string } {
  const findings = titlesOf(evaluations);
  if (findings.length > 0) return { status: 'fail', summary: findings.join('; ') };
  const unsure = doubtsOf(evaluations);
  if (unsure.length > 0) return { status: 'inconclusive', summary: unsure[0] as string };
  const passes = evaluations.flatMap(({ outcome }) => (outcome.outcome === 'pass' ? [outcome.by] : []));
  if (passes.length > 0) return { status: 'pass', summary: [...new Set(passes)].join('; ') };
  const [why] = evaluations.flatMap(({ outcome }) => (outcome.outcome === 'not-applicable' ? [outcome.why] : []));
  return { status: 'skipped', summary: why ?? 'nothing to check' };
}

function titlesOf(evaluations: readonly Evaluation[]): readonly string[] {
  return evaluations.flatMap((evaluation) =>
    findingsOf(evaluation).map((finding) => toFinding({ rule: evaluation.rule, finding }).title),
  );
}

function doubtsOf(evaluations: readonly Evaluation[]): readonly string[] {
  return evaluations.flatMap(({ outcome }) =>
    outcome.outcome === 'inconclusive' || outcome.outcome === 'errored' ? [outcome.why] : [],
  );
}

/** Returns the attempts on every port, and the refusals of the pod itself. */
async function reachabilityLine(
  evaluations: readonly Evaluation[],
  gathering: Gathering,
): Promise<{ status: StepStatus; summary: string }> {
  const reachability = await gathering.fact('reachability');
  if (reachability.status === 'unavailable') {
    return {
      status: reachability.code === 'not-applicable' ? 'skipped' : 'inconclusive',
      summary: [reachability.reason, ...newIn(doubtsOf(evaluations), reachability.reason)].join('; '),
    };
  }
  const outcome = await gathering.fact('flow-outcome');
  const state = outcome.status === 'observed' ? outcome.value.flow : 'unknown';
  const tried = reachability.value.attempts.map(
    (attempt) => `${attempt.from} → ${attempt.to} (${attempt.detail}): ${attempt.answered}/${attempt.sent}`,
  );
  const summary = [...tried, ...titlesOf(evaluations)].join('; ');
  return { status: statusOf[state], summary };
}

/** Returns the doubts that have another reason than the one that is told, each once. */
function newIn(doubts: readonly string[], told: string): readonly string[] {
  const reason = told.replace(/^needs [\w@-]+: /, '');
  return [...new Set(doubts)].filter((doubt) => !doubt.includes(reason));
}

const statusOf: Readonly<Record<FlowState, StepStatus>> = { works: 'pass', fails: 'fail', unknown: 'inconclusive' };
