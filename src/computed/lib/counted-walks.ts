import type { CounterBurst, DropCounters } from '../../model/drop-counters.ts';
import { isDenied, sameRule } from '../../model/denied-walk.ts';
import type { Fact } from '../../model/evidence.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { isRefused, type WalkEnd } from '../../model/ruleset/walk.ts';

/**
 * Returns the walk with the end that counters chose, where rules leave several open: one rule outside Calico took
 * exactly the test packets, and it is one of these ends. Its match stays undecided, so that nothing more is proven.
 */
export function countedWalk(walk: PacketWalk, counters: Fact<DropCounters>): PacketWalk {
  if (isDenied(walk) || counters.status === 'unavailable') return walk;
  const chosen = counters.value.bursts
    .filter((burst) => burst.flow === 'asked' && burst.leg === walk.leg && burst.node === walk.node)
    .flatMap((burst) => endCounted(walk, burst) ?? []);
  const [end, other] = chosen;
  if (!end || other || end.owner?.kind !== 'foreign') return walk;
  return endingAt(walk, end);
}

/**
 * Returns the walk with the one end that no undecided match avoids: rules outside Calico may end some packets before,
 * such as by chance or by a limit, and what they let through ends at one and the same rule.
 */
export function settledWalk(walk: PacketWalk): PacketWalk {
  const { result } = walk;
  if (result.ends.length < 2 || !result.ends.every(({ decision, rule }) => isRefused(decision) && rule)) return walk;
  const guessed = result.ends.filter(isGuessed);
  const [end, ...others] = result.ends.filter((one) => !isGuessed(one));
  if (!end?.owner || others.some(({ rule }) => !sameRule(rule, end.rule))) return walk;
  return guessed.every(({ owner }) => owner?.kind === 'foreign') ? endingAt(walk, end) : walk;
}

function endingAt(walk: PacketWalk, end: WalkEnd): PacketWalk {
  const { decision, owner = null } = end;
  const { uncertainties } = walk.result;
  return { ...walk, branch: end.path, result: { ...end, decision, owner, uncertainties, ends: [end] } };
}

/** Its own rule is one of which nobody knows whether it matches. */
function isGuessed({ rule, assumed }: WalkEnd): boolean {
  return assumed.some((doubt) => doubt.rule === rule?.text);
}

/** Every condition of a proof holds, but for the walk, which does not decide. */
function endCounted({ result }: PacketWalk, { proof }: CounterBurst): WalkEnd | null {
  const { rule, rise, sent, failed } = proof;
  if (!rule || rise?.packets !== sent.packets || failed.some(({ condition }) => condition !== 'walk')) return null;
  return result.ends.find((end) => isRefused(end.decision) && sameRule(end.rule, rule)) ?? null;
}
