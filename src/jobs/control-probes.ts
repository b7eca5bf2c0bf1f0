import type { ReachAttempt } from '../model/facts.ts';
import { startGathering, type GatherDeps } from '../probes/gather.ts';
import { describePort } from '../model/target-grammar.ts';
import type { DiagnoseRequest } from './diagnose.ts';

/** What could be reached before a fix, and after it. null: it could not be tried. */
export type Controls = readonly ReachAttempt[] | null;

export async function tryControls(deps: GatherDeps, request: DiagnoseRequest, signal: AbortSignal): Promise<Controls> {
  const reachability = await startGathering(deps, request.target, request.run, signal).fact('reachability');
  return reachability.status === 'observed' ? reachability.value.attempts : null;
}

/** Ways that got a reply before and get none now, in words. Ways that nobody tried again are not worse. */
export function gotWorse(before: Controls, after: Controls): readonly string[] {
  return (before ?? []).flatMap((was) => {
    if (was.answer !== 'reply') return [];
    const is = after?.find((attempt) => sameWay(was, attempt));
    return is && is.answer !== 'reply' && is.answer !== 'error' ? [`${was.from} → ${was.to} (${describePort(was.port)}) got a reply before, now ${is.answer}`] : [];
  });
}

/** Whether the asked flow gets through: null when it was not tried. */
export function flowWorks(controls: Controls): boolean | null {
  const asked = (controls ?? []).filter((attempt) => kindOf(attempt) === 'flow' && attempt.answer !== 'error');
  return asked.length === 0 ? null : asked.every((attempt) => attempt.answer === 'reply');
}

function sameWay(a: ReachAttempt, b: ReachAttempt): boolean {
  return kindOf(a) === kindOf(b) && a.from === b.from && a.to === b.to && describePort(a.port) === describePort(b.port);
}

/** Which of the declared ports is the judged one may differ from look to look. */
function kindOf({ what }: ReachAttempt): ReachAttempt['what'] {
  return what === 'other-port' ? 'flow' : what;
}
