/** Changes of facts: what somebody has put on a node beside Calico. They compose, and none of them judges. */
import { readFileSync } from 'node:fs';
import type { Link, Route } from '../../src/model/network.ts';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { changed, valueOf, type Facts } from './facts.ts';
import { policy, route } from './ways.ts';

export type Place = 'target' | 'source';
export type Change = (facts: Facts) => Facts;

export const together =
  (...changes: readonly Change[]): Change =>
  (facts) =>
    changes.reduce((before, change) => change(before), facts);

/** The same change on both nodes. */
export const onBoth = (of: (place: Place) => Change): Change => together(of('target'), of('source'));

/** Rule sets beside those of the node. */
export const ruled =
  (place: Place, ...more: readonly RuleSet[]): Change =>
  (facts) => {
    const rulesets = valueOf(facts, `rulesets@${place}`);
    return changed(facts, { [`rulesets@${place}`]: { ...rulesets, ruleSets: [...rulesets.ruleSets, ...more] } });
  };

/** Routes of the main table before those of the node. */
export const routed =
  (place: Place, ...more: readonly ((facts: Facts) => Partial<Route>)[]): Change =>
  (facts) =>
    changed(facts, {
      [`routes@${place}`]: [...more.map((of) => route(of(facts))), ...valueOf(facts, `routes@${place}`)],
    });

/** Routing rules beside the usual three, and tables for them. */
export const routing =
  (place: Place, rules: readonly string[], tables: Parameters<typeof policy>[1] = {}): Change =>
  (facts) =>
    changed(facts, { [`routing@${place}`]: policy(rules, tables) });

/** One more interface of the node. */
export const linked =
  (place: Place, name: string, addresses: readonly string[], more: Partial<Link> = {}): Change =>
  (facts) => {
    const links = valueOf(facts, `links@${place}`);
    const link: Link = {
      name,
      index: 900 + links.length,
      flags: ['UP', 'LOWER_UP'],
      mtu: 1500,
      operState: 'UP',
      addresses: addresses.map((address) => ({ address, prefixLength: 32 })),
      kind: 'dummy',
      peerNamespace: null,
      peerIndex: null,
      ...more,
    };
    return changed(facts, { [`links@${place}`]: [...links, link] });
  };

const hooks = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

/** A table as iptables-save prints it. Chains that a line names are declared. */
export function save(table: string, ...lines: readonly string[]): RuleSet {
  const named = lines.flatMap((line) => /^-A (\S+)/.exec(line)?.[1] ?? []);
  const own = [...new Set(named)].filter((chain) => !hooks.includes(chain)).map((chain) => `:${chain} - [0:0]`);
  const declared = [...hooks.map((hook) => `:${hook} ACCEPT [0:0]`), ...own];
  return parseIptablesSave([`*${table}`, ...declared, ...lines, 'COMMIT', ''].join('\n'), { backend: 'iptables-nft' });
}

/** What `nft -j list ruleset` printed, from `test/fixtures/other-rules`. */
export function listed(name: string, change: (text: string) => string = (text) => text): RuleSet {
  return parseNftJson(change(readFileSync(new URL(`../fixtures/other-rules/${name}.json`, import.meta.url), 'utf8')));
}

export interface NativeChain {
  readonly family: 'inet' | 'netdev';
  readonly hook: string;
  readonly prio: number;
  readonly policy?: string;
  readonly dev?: string;
}

/** A table of nftables with one chain and at most one rule. */
export function native({ family, ...of }: NativeChain, ...expr: readonly object[]): RuleSet {
  const [table, name] = ['edge', 'in'];
  return parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family, name: table } },
        { chain: { family, table, name, type: 'filter', ...of } },
        ...(expr.length > 0 ? [{ rule: { family, table, chain: name, handle: 2, expr } }] : []),
      ],
    }),
  );
}
