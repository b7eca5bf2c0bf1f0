import type { Fact } from '../../model/evidence.ts';
import type { Flow, Reachability } from '../../model/facts.ts';

/** Did every packet of the asked flow, on its judged port, get its answer? null: it was not tried, or the try itself failed. */
export function flowAnswered(reachability: Fact<Reachability>): boolean | null {
  return answered(reachability, 'flow');
}

/**
 * Did every port that was asked about answer: the judged one, and each other declared one? null: one of them was not
 * tried, or the try itself failed, and none that was tried failed.
 */
export function everyPortAnswered(flow: Fact<Flow>, reachability: Fact<Reachability>): boolean | null {
  const judged = flowAnswered(reachability);
  if (judged !== true || flow.status === 'unavailable') return judged;
  const { otherPorts, untriedPorts } = flow.value;
  if (otherPorts.length > 0) {
    const others = answered(reachability, 'other-port');
    if (others !== true) return others;
    if (triesOf(reachability, 'other-port').length < otherPorts.length) return null;
  }
  return untriedPorts.length > 0 ? null : true;
}

function answered(reachability: Fact<Reachability>, what: 'flow' | 'other-port'): boolean | null {
  const tried = triesOf(reachability, what);
  return tried.length === 0 ? null : tried.every(({ answer }) => answer === 'reply');
}

function triesOf(reachability: Fact<Reachability>, what: 'flow' | 'other-port') {
  return reachability.status === 'unavailable' ? [] : reachability.value.attempts.filter((attempt) => attempt.what === what && attempt.answer !== 'error');
}
