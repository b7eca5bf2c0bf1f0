import type { CounterProof } from '../../model/ruleset/counter-proof.ts';
import type { Counters, RuleSet } from '../../model/ruleset/rules.ts';
import { isRefused, type RuleRef, type WalkResult } from '../../model/ruleset/walk.ts';
import { withoutDoubles } from '../walk/hook-order.ts';
import { countersOf, riseOf, risenEnds, sameRuleThroughout } from './rise.ts';

/** The packets that were sent between two snapshots, and the conditions under which the counters were read. */
export interface Burst {
  /**
   * All rule sets of the node: before an idle window, after it (just before sending), and after the last probe's
   * timeout.
   */
  readonly idle: readonly RuleSet[];
  readonly before: readonly RuleSet[];
  readonly after: readonly RuleSet[];
  /** Flows sent, one packet each, each new to conntrack, and their IP length at the hook where the walk ends. */
  readonly packets: number;
  readonly length: number;
  /** The packets that the node itself sent to the same receiver meanwhile. The rule met all of them, or none. */
  readonly beside?: { readonly packets: number; readonly length: number };
  /** Why the packets were not fresh: used before, retried or fragmented; null: they were. */
  readonly notFresh: string | null;
  /** Places where packets can end that the snapshots do not show (a backend not read, a flowtable, a BPF program). */
  readonly notSeen: readonly string[];
  /** The walk of the sent packet on the snapshot `before`. */
  readonly walk: WalkResult;
}

type Failure = CounterProof['failed'][number];

/**
 * Do the counters prove which rule ended the packets? The proof is `counter` only if every condition holds; else
 * `inferred`, with each condition that failed. Jumps and marks rise with the ending rule and do not count.
 */
export function proveByCounters(burst: Burst): CounterProof {
  const { packets, length } = burst;
  const [idleSets, before, after] = [burst.idle, burst.before, burst.after].map(withoutDoubles);
  if (!idleSets || !before || !after) throw new Error('a burst needs three snapshots');
  const riseNow = (rule: RuleRef) => withoutBeside(riseOf(before, after, rule), burst);
  const fitting = risenEnds(before, after).filter((rule) => isRise(riseNow(rule), packets, length));
  const walked = isRefused(burst.walk.decision) ? burst.walk.rule : null;
  const rule =
    fitting.find((one) => samePlace(one, walked)) ?? (fitting.length === 1 ? fitting[0] : undefined) ?? walked;
  const idle = rule ? riseOf(idleSets, before, rule) : null;
  const rise = rule ? riseNow(rule) : null;
  const failed: Failure[] = [
    ...unless(packets >= 3, 'fresh-flows', `${packets} packets are too few`),
    ...unless(burst.notFresh === null, 'fresh-flows', burst.notFresh ?? ''),
    ...unless(rule !== null, 'ending-rule', 'no rule that ends packets rose by what was sent, and the walk names none'),
    ...unless(
      !burst.walk.expired || !samePlace(walked, rule),
      'ending-rule',
      'the rule counts packets whose time to live it changes, and the kernel drops them later',
    ),
    ...(rule ? judgeRule(rule, { idle, rise, packets, length }, [idleSets, before, after]) : []),
    ...fitting
      .filter((other) => rule && !samePlace(other, rule))
      .map((other): Failure => ({
        condition: 'only-one',
        reason: `rule ${other.index} of ${other.table} ${other.chain} rose by the same`,
      })),
    ...unless(
      rule === null || samePlace(rule, walked),
      'walk',
      walked
        ? `the walk of the packet ends at rule ${walked.index} of ${walked.table} ${walked.chain}`
        : `the walk of the packet ends in ${burst.walk.decision}`,
    ),
    ...burst.walk.uncertainties.map(({ rule: text, why }): Failure => ({
      condition: 'walk',
      reason: `${why} (${text})`,
    })),
    ...burst.notSeen.map((place): Failure => ({ condition: 'all-seen', reason: place })),
  ];
  return {
    proof: failed.length === 0 ? 'counter' : 'inferred',
    rule,
    sent: { packets, length },
    idle,
    rise,
    readings: rule && readingsOf(before, after, rule),
    walked: walked && riseOfWalked(before, after, walked),
    failed,
  };
}

function readingsOf(before: readonly RuleSet[], after: readonly RuleSet[], rule: RuleRef): CounterProof['readings'] {
  const [from, to] = [countersOf(before, rule), countersOf(after, rule)];
  return from && to ? { before: from, after: to } : null;
}

/** A policy of iptables-nft counts only if `-P` or a restore set it: a zero may mean that it never counts. */
function riseOfWalked(before: readonly RuleSet[], after: readonly RuleSet[], walked: RuleRef): Counters | null {
  if (sameRuleThroughout([before, after], walked) !== null) return null;
  const maybeUncounted = walked.index === 0 && walked.backend === 'iptables-nft';
  if (maybeUncounted && countersOf(after, walked)?.packets === 0) return null;
  return riseOf(before, after, walked);
}

function judgeRule(
  rule: RuleRef,
  numbers: { idle: Counters | null; rise: Counters | null; packets: number; length: number },
  snapshots: readonly (readonly RuleSet[])[],
): Failure[] {
  const { idle, rise, packets, length } = numbers;
  const changed = sameRuleThroughout(snapshots, rule);
  // Numbers of two rules have no difference.
  if (changed !== null) return [{ condition: 'same-rule', reason: changed }];
  return [
    ...unless(rise !== null, 'rise', 'the rule has no counter'),
    ...unless(
      rise === null || isRise(rise, packets, length),
      'rise',
      `it rose by ${rise?.packets} packets and ${rise?.bytes} bytes; ${packets} packets of ${length} bytes were sent`,
    ),
    ...unless(
      idle === null || (idle.packets === 0 && idle.bytes === 0),
      'idle-window',
      `it rose by ${idle?.packets} packets while nothing was sent`,
    ),
  ];
}

function unless(holds: boolean, condition: string, reason: string): Failure[] {
  return holds ? [] : [{ condition, reason }];
}

/** Returns the rise of the burst alone, if the rest is exactly what the node sent beside it. */
function withoutBeside(rise: Counters | null, { packets, length, beside }: Burst): Counters | null {
  if (rise === null || !beside) return rise;
  const own = { packets, bytes: packets * length };
  const isBoth = rise.packets === packets + beside.packets && rise.bytes === own.bytes + beside.packets * beside.length;
  return isBoth ? own : rise;
}

function isRise(rise: Counters | null, packets: number, length: number): boolean {
  return rise !== null && rise.packets === packets && rise.bytes === packets * length;
}

function samePlace(a: RuleRef | null, b: RuleRef | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.backend === b.backend &&
    a.family === b.family &&
    a.table === b.table &&
    a.chain === b.chain &&
    a.index === b.index
  );
}
