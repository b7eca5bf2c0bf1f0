/**
 * What kube-proxy's rules of a node do with a Service's address. Source: pkg/proxy/iptables/proxier.go (KUBE-SERVICES
 * leads by address and port to KUBE-SVC- or KUBE-SVL-, and that to one KUBE-SEP- an endpoint, which has the DNAT; a
 * Service without endpoints is rejected in the filter table) and pkg/proxy/nftables/proxier.go (the maps service-ips
 * and no-endpoint-services of table kube-proxy, chains service- and endpoint-).
 */
import { protocols } from '../../model/protocols.ts';
import type { FlowService } from '../../model/flow.ts';
import { isOfIp } from '../../model/ruleset/places.ts';
import type { Match } from '../../model/ruleset/matches.ts';
import type { Action, Chain, FilterRule, RuleSet, Table } from '../../model/ruleset/rules.ts';
import type { Translation } from '../../model/service-translation.ts';

/** Chains from a Service's rule to an endpoint's; kube-proxy needs three. */
const deepest = 5;

/** @param ruleSets of one node */
export function translationOf(ruleSets: readonly RuleSet[], service: Omit<FlowService, 'name'>): Translation {
  const tables = ruleSets.flatMap((set) => set.tables).filter(isProxys);
  if (tables.length === 0) return { kind: 'no-proxy' };
  const entries = tables.flatMap((table) => entriesOf(table, service));
  const found = entries.map((entry) => ({ ...entry, endpoints: entry.chain ? endpointsFrom(entry) : [] }));
  const endpoints = [...new Set(found.flatMap((one) => one.endpoints))];
  const leading = found.find((one) => one.endpoints.length > 0);
  if (leading) return { kind: 'endpoints', endpoints: endpoints.toSorted(), rule: leading.rule };
  const refusing = found.find(({ refuses, chain, table }) => refuses || (chain && ends(chainOf(table, chain))));
  return refusing ? { kind: 'refused', rule: refusing.rule } : { kind: 'none' };
}

/** A table that holds kube-proxy's chains. */
function isProxys({ family, name, chains }: Table): boolean {
  return (
    isOfIp(family) &&
    (name === 'kube-proxy'
      ? chains.length > 0
      : (name === 'nat' || name === 'filter') && chains.some((chain) => chain.name === 'KUBE-SERVICES'))
  );
}

interface Entry {
  readonly table: Table;
  readonly rule: string;
  /** null: the rule leads to no chain. */
  readonly chain: string | null;
  readonly refuses: boolean;
}

function entriesOf(table: Table, service: Omit<FlowService, 'name'>): readonly Entry[] {
  const chains =
    table.name === 'kube-proxy' ? table.chains : table.chains.filter(({ name }) => name === 'KUBE-SERVICES');
  return chains.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      rule.actions.flatMap((action): readonly Entry[] => {
        if (action.kind !== 'verdict-map')
          return isFor(rule.matches, service) ? [entryOf(table, action, rule.text)] : [];
        return (action.entries ?? [])
          .filter(({ matches }) => isFor(matches, service))
          .map(({ matches, verdict }) => entryOf(table, verdict, mapWords(matches, rule)));
      }),
    ),
  );
}

function entryOf(table: Table, does: Action, rule: string): Entry {
  const chain = does.kind === 'jump' || does.kind === 'goto' ? does.chain : null;
  return { table, rule, chain, refuses: refuses(does) };
}

function mapWords(matches: readonly Match[], rule: FilterRule): string {
  return `${rule.text} (${matches.map(({ text }) => text).join(', ')})`;
}

/** Does the rule name this address and port? A rule for every address of the node is not a Service's. */
function isFor(matches: readonly Match[], { address, port }: Omit<FlowService, 'name'>): boolean {
  if (port.protocol === 'icmp') return false;
  const { number, protocol } = port;
  const names = matches.some(
    (match) =>
      match.kind === 'address' &&
      match.side === 'destination' &&
      !match.negated &&
      match.ranges.some(({ from, to }) => from === address && to === address),
  );
  return (
    names &&
    matches.every((match) => {
      if (match.kind === 'port' && match.side === 'destination')
        return match.negated !== match.ranges.some(({ from, to }) => from <= number && number <= to);
      if (match.kind === 'protocol') return match.negated !== match.protocols.includes(protocols[protocol]);
      // The sender and the mark do not change where the Service leads.
      return true;
    }) &&
    matches.some((match) => match.kind === 'port' && match.side === 'destination')
  );
}

function endpointsFrom({ table, chain }: Entry): readonly string[] {
  const follow = (name: string, depth: number): readonly string[] => {
    if (depth > deepest) return [];
    return (chainOf(table, name)?.rules ?? []).flatMap(({ actions }) =>
      actions.flatMap((action) => {
        if (action.kind === 'dnat') return action.to === null ? [] : [action.to];
        return chainsOf(action).flatMap((next) => follow(next, depth + 1));
      }),
    );
  };
  return chain === null ? [] : follow(chain, 1);
}

function chainsOf(action: Action): readonly string[] {
  if (action.kind === 'jump' || action.kind === 'goto') return [action.chain];
  if (action.kind !== 'verdict-map') return [];
  return (action.entries ?? []).flatMap(({ verdict }) =>
    verdict.kind === 'jump' || verdict.kind === 'goto' ? [verdict.chain] : [],
  );
}

function chainOf(table: Table, name: string): Chain | null {
  return table.chains.find((chain) => chain.name === name) ?? null;
}

function ends(chain: Chain | null): boolean {
  return chain?.rules.some(({ actions }) => actions.some(refuses)) ?? false;
}

function refuses({ kind }: Action): boolean {
  return kind === 'reject' || kind === 'drop';
}
