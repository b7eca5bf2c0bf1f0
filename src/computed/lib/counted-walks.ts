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
  const { result } = walk;
  if (isDenied(walk) || isRefused(result.decision) || counters.status === 'unavailable') return walk;
  const chosen = counters.value.bursts
    .filter((burst) => burst.flow === 'asked' && burst.leg === walk.leg && burst.node === walk.node)
    .flatMap((burst) => endCounted(walk, burst) ?? []);
  const [end, other] = chosen;
  if (!end || other || end.owner?.kind !== 'foreign') return walk;
  const { uncertainties } = result;
  return {
    ...walk,
    branch: end.path,
    result: { ...end, decision: end.decision, owner: end.owner, uncertainties, ends: [end] },
  };
}

/** Every condition of a proof holds, but for the walk, which does not decide. */
function endCounted({ result }: PacketWalk, { proof }: CounterBurst): WalkEnd | null {
  const { rule, rise, sent, failed } = proof;
  if (!rule || rise?.packets !== sent.packets || failed.some(({ condition }) => condition !== 'walk')) return null;
  return result.ends.find((end) => isRefused(end.decision) && sameRule(end.rule, rule)) ?? null;
}
