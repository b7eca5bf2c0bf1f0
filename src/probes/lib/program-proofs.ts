/** What the counters of Felix's eBPF programs say of test packets. They count packets, not bytes. */
import {
  droppedByPolicy,
  type ProgramCounts,
  type ProgramDirection,
  type ProgramHook,
  type ProgramRule,
  type TierEnd,
} from '../../model/ebpf-programs.ts';
import { own } from '../../model/own.ts';
import type { CounterProof } from '../../model/ruleset/counter-proof.ts';
import type { Counters } from '../../model/ruleset/rules.ts';
import type { RuleRef, WalkResult } from '../../model/ruleset/walk.ts';

export interface ProgramBurst {
  /** Before an idle window, after it (just before sending), and after the last packet's timeout. */
  readonly idle: ProgramCounts;
  readonly before: ProgramCounts;
  readonly after: ProgramCounts;
  /** Fresh flows, one packet each, and their IP length. */
  readonly packets: number;
  readonly length: number;
  /** Why the packets cannot have met the program. */
  readonly notSeen: readonly string[];
  readonly walk: WalkResult;
}

type Failure = CounterProof['failed'][number];
type Counts = readonly [ProgramCounts, ProgramCounts];

/**
 * Does the program's own counting prove that it ended the packets where the walk says? Two counts must agree: the
 * interface's drops by policy, which are this pod's alone, and the rule's, which all pods of the node share. The end of
 * a tier has no count in a dump: there every other end must be ruled out.
 */
export function proveByPrograms(burst: ProgramBurst): CounterProof {
  const { idle, before, after, packets, length, walk } = burst;
  const { rule } = walk;
  const direction = walk.owner?.direction ?? 'ingress';
  const hook = before.hooks[direction];
  const found = hook && rule ? rulesOf(hook).find(({ index }) => index === rule.index) : undefined;
  const rise = riseOf([before, after], direction, found);
  const idleRise = riseOf([idle, before], direction, found);
  const failed: Failure[] = [
    ...unless(packets >= 3, 'fresh-flows', `${packets} packets are too few`),
    ...unless(isSame([idle, before, after], direction), 'same-rule', 'the policies changed between the readings'),
    ...unless(rise !== null, 'rise', 'the drops of the interface were not counted'),
    ...unless(
      rise === null || rise === packets,
      'rise',
      `it rose by ${rise} packets; ${packets} packets of ${length} bytes were sent`,
    ),
    ...unless(idleRise !== null, 'idle-window', 'the idle window before the test packets was not counted'),
    ...unless(!idleRise, 'idle-window', `it rose by ${idleRise} packets while nothing was sent`),
    ...(hook && rule ? otherEnds([before, after], hook, rule, packets, direction) : []),
    ...walk.uncertainties.map(({ rule: text, why }): Failure => ({ condition: 'walk', reason: `${why} (${text})` })),
    ...burst.notSeen.map((place): Failure => ({ condition: 'all-seen', reason: place })),
  ];
  return {
    proof: failed.length === 0 ? 'counter' : 'inferred',
    rule,
    sent: { packets, length },
    idle: countersOf(idleRise),
    rise: countersOf(rise),
    walked: countersOf(rise),
    readings: readings([before, after], direction, found),
    failed,
  };
}

/** Returns the reasons for which more packets were dropped after the burst than before it, with their counts. */
export function risenDrops(before: ProgramCounts, after: ProgramCounts, direction: ProgramDirection): readonly Risen[] {
  return Object.keys(after.counters[direction]?.dropped ?? {}).flatMap((reason) => {
    const rise = difference(dropsIn(before, direction, reason), dropsIn(after, direction, reason));
    return rise ? [{ reason, rise }] : [];
  });
}
interface Risen {
  readonly reason: string;
  readonly rise: number;
}

/** How many more packets were dropped for a reason; null: not counted. */
export function riseFor(
  reason: string,
  [from, to]: readonly [ProgramCounts | undefined, ProgramCounts | undefined],
  direction: ProgramDirection,
): number | null {
  return from && to ? difference(dropsIn(from, direction, reason), dropsIn(to, direction, reason)) : null;
}

/** The smaller of both counts: what other pods met is not counted here, nor what another rule ended. */
function riseOf([from, to]: Counts, direction: ProgramDirection, rule: ProgramRule | undefined): number | null {
  const dropped = difference(dropsIn(from, direction), dropsIn(to, direction));
  if (dropped === null || !rule) return dropped;
  const hits = difference(hitsIn(from, direction, rule), hitsIn(to, direction, rule));
  return hits === null ? null : Math.min(hits, dropped);
}

function readings(
  counts: Counts,
  direction: ProgramDirection,
  rule: ProgramRule | undefined,
): CounterProof['readings'] {
  const [before, after] = counts.map((one) => (rule ? hitsIn(one, direction, rule) : dropsIn(one, direction)));
  const [from, to] = [countersOf(before ?? null), countersOf(after ?? null)];
  return from && to ? { before: from, after: to } : null;
}

/** Other places of the hook at which the packets may have ended, for all that was counted. */
function otherEnds(
  [before, after]: Counts,
  hook: ProgramHook,
  walked: RuleRef,
  packets: number,
  direction: ProgramDirection,
): readonly Failure[] {
  const rose = (rule: ProgramRule) =>
    difference(hitsIn(before, direction, rule), hitsIn(after, direction, rule)) ?? Number.POSITIVE_INFINITY;
  const rules = rulesOf(hook);
  if (rules.some(({ index }) => index === walked.index)) return [];
  const deniers = rules.filter((rule) => rule.action === 'deny' && rose(rule) > 0).map(({ text }) => text);
  const ends: readonly Ending[] = [
    ...hook.tiers.map(({ end, policies }) => ({
      ...end,
      passed: policies.flatMap((policy) => policy.rules.filter(({ action }) => action === 'next-tier')),
    })),
    ...(endsBehindProfiles(hook) ? [{ index: 0, text: 'End of policies', action: 'deny' as const, passed: [] }] : []),
  ];
  const at = ends.findIndex(({ index }) => index === walked.index);
  const open = ends.filter(({ action, passed, index }, place) => {
    if (action !== 'deny' || index === walked.index) return false;
    // Before it, every packet was passed on; behind it, none was.
    const isBefore = at === -1 || place < at;
    return isBefore
      ? !passed.some((rule) => rose(rule) === packets)
      : (ends[at]?.passed ?? []).some((rule) => rose(rule) > 0);
  });
  return [...deniers, ...open.map(({ text }) => text)].map((text) => ({
    condition: 'only-one',
    reason: `they may have ended at "${text}"`,
  }));
}

interface Ending extends TierEnd {
  /** What leads past it. */
  readonly passed: readonly ProgramRule[];
}

/** Can a packet get past every profile? */
function endsBehindProfiles({ profiles }: ProgramHook): boolean {
  return !profiles.some(({ rules }) => rules.some(({ action, match }) => action !== 'log' && match === null));
}

function rulesOf({ tiers, profiles }: ProgramHook): readonly ProgramRule[] {
  return [
    ...tiers.flatMap(({ policies }) => policies.flatMap(({ rules }) => rules)),
    ...profiles.flatMap(({ rules }) => rules),
  ];
}

function hitsIn({ hooks }: ProgramCounts, direction: ProgramDirection, { index, text }: ProgramRule): number | null {
  const hook = hooks[direction];
  return (hook && rulesOf(hook).find((rule) => rule.index === index && rule.text === text)?.hits) ?? null;
}

function dropsIn({ counters }: ProgramCounts, direction: ProgramDirection, reason = droppedByPolicy): number | null {
  return own(counters[direction]?.dropped, reason) ?? null;
}

/** A counter that fell was begun anew. */
function difference(from: number | null, to: number | null): number | null {
  return from === null || to === null || to < from ? null : to - from;
}

function isSame(counts: readonly ProgramCounts[], direction: ProgramDirection): boolean {
  const texts = counts.map(({ hooks }) => {
    const hook = hooks[direction];
    return hook ? JSON.stringify([rulesOf(hook).map(({ text }) => text), hook.tiers.map(({ end }) => end.text)]) : null;
  });
  return texts.every((text) => text !== null && text === texts[0]);
}

function countersOf(packets: number | null): Counters | null {
  return packets === null ? null : { packets, bytes: 0 };
}

function unless(holds: boolean, condition: string, reason: string): Failure[] {
  return holds ? [] : [{ condition, reason }];
}
