import type { Denial } from './denial.ts';
import type { PacketWalk } from './flow-walk.ts';
import { isRefused, type RuleRef } from './ruleset/walk.ts';

/** It ends in a drop or reject, and every way that undecided matches leave open ends at the same rule. */
export function isDenied({ result }: Pick<PacketWalk, 'result'>): boolean {
  return (
    isRefused(result.decision) && result.rule !== null && result.ends.every((end) => sameRule(end.rule, result.rule))
  );
}

/** It ends in a drop or reject, or does so on one of the ways that undecided matches leave open. */
export function mayBeDenied({ result: { decision, ends } }: PacketWalk): boolean {
  return isRefused(decision) || ends.some((end) => isRefused(end.decision) && end.rule !== null);
}

export function sameRule(a: RuleRef | null, b: RuleRef | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.backend === b.backend &&
    a.table === b.table &&
    a.chain === b.chain &&
    a.index === b.index
  );
}

/** Does one of the walks end at the same rule on the same leg? */
export function endsIn(walks: readonly PacketWalk[], { leg, node, result }: PacketWalk): boolean {
  return walks.some((one) => one.leg === leg && one.node === node && sameRule(one.result.rule, result.rule));
}

/** Calico's own rule against forged addresses ends it: the way back leads elsewhere. */
export function isReversePath({ class: kind, rule }: Pick<Denial, 'class' | 'rule'>): boolean {
  return kind === 'guard' && /-m rpfilter |fib saddr \. mark \. iif oif/.test(rule.text);
}
