import { own } from '../../model/own.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { BaseChain } from '../../model/ruleset/rules.ts';

/**
 * Where the kernel calls conntrack and address rewriting, whatever priority a nat chain claims
 * (linux/netfilter_ipv4.h).
 */
export const conntrackPriority = -200;
export function natPriority(hook: Hook): number {
  return hook === 'PREROUTING' || hook === 'OUTPUT' ? -100 : 100;
}

const tablePriorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
const tableHooks: Readonly<Record<string, readonly Hook[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
};

/** Hook, priority and type of a chain that iptables builds in; null for a table or chain that it does not. */
export function iptablesBase(table: string, chain: string, policy: 'accept' | 'drop'): BaseChain | null {
  const hook = own(tableHooks, table)?.find((name) => name === chain);
  if (!hook) return null;
  if (table === 'nat') return { hook, priority: natPriority(hook), type: 'nat', policy };
  return {
    hook,
    priority: own(tablePriorities, table) ?? 0,
    type: table === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter',
    policy,
  };
}
