import type { Chain, FilterRule, Table } from '../../model/ruleset/rules.ts';
import { withoutLayer } from '../../calico/chain-names.ts';
import { chainNamed } from '../chains/chain-index.ts';

/** Returns the tier of a rule in an endpoint's chain; `default` for versions before tiers, which do not say. */
export function tierOfRule(table: Table, chain: string, rule: FilterRule): string {
  const told = rule.comments
    .map((comment) => /^End of tier (\S+)\. /.exec(comment)?.[1])
    .find((name) => name !== undefined);
  if (told !== undefined) return told;
  const starts = rulesOf(table, chain).filter(({ index }) => index <= rule.index);
  return (
    starts
      .flatMap(({ comments }) => comments.flatMap((comment) => /^Start of tier (\S+)$/.exec(comment)?.[1] ?? []))
      .at(-1) ?? 'default'
  );
}

/** Returns the chains (policies or groups) that a packet meets in the tier that this rule ends. */
export function policiesOfTier(table: Table, chain: string, end: FilterRule): string[] {
  const before = rulesOf(table, chain).filter(({ index }) => index < end.index);
  const start = before.findLastIndex(({ comments }) =>
    comments.some((comment) => /^Start of (?:tier \S+|policies)$/.test(comment)),
  );
  return before
    .slice(start + 1)
    .flatMap(targetsOf)
    .filter((target) => /cali-[pg][io]-/.test(target));
}

/**
 * Returns the tier in which endpoints' chains jump to this policy's chain, directly or through its group; null: none or
 * several do.
 */
export function tierOfPolicyChain(table: Table, chain: string): string | null {
  return tierThrough(table, chain, 'endpoint or group');
}

function tierThrough(table: Table, chain: string, callers: 'endpoint or group' | 'endpoint'): string | null {
  const tiers = new Set<string>();
  const calling = callers === 'endpoint' ? endpointChain : callingChain;
  for (const caller of table.chains) {
    // Only these jump to policies. The rules of all other chains stay unread.
    if (!calling.test(withoutLayer(caller.name))) continue;
    for (const rule of caller.rules) {
      if (!targetsOf(rule).includes(chain)) continue;
      const tier = /cali-g[io]-/.test(caller.name)
        ? tierThrough(table, caller.name, 'endpoint')
        : tierOfRule(table, caller.name, rule);
      if (tier !== null) tiers.add(tier);
    }
  }
  const [only] = tiers;
  return tiers.size === 1 ? (only ?? null) : null;
}

const endpointChain = /^cali-(?:tw|fw|th|fh|thfw|fhfw)-/;
const callingChain = /^cali-(?:tw|fw|th|fh|thfw|fhfw|g[io])-/;

function targetsOf({ actions }: FilterRule): string[] {
  return actions.flatMap((action) => (action.kind === 'jump' || action.kind === 'goto' ? [action.chain] : []));
}

function rulesOf(table: Table, chain: string): Chain['rules'] {
  return chainNamed(table, chain)?.rules ?? [];
}
