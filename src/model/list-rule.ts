import type { PlacedRule } from './ruleset/places.ts';
import { shellCommand } from './shell-words.ts';

/** Returns the command that shows a rule in its chain: iptables does not list what it did not make. */
export function listRule({ backend, family, table, chain, index, text }: PlacedRule): string {
  const isOfIptables = backend !== 'nftables' && (text.startsWith('-A ') || index === 0);
  if (!isOfIptables || (backend === 'iptables-nft' && index === 0))
    return shellCommand`nft -a list chain ${family} ${table} ${chain}`;
  const save = `${family === 'ip6' ? backend.replace('iptables', 'ip6tables') : backend}-save`;
  return index === 0
    ? shellCommand`${save} | grep -- '^:${chain} '`
    : shellCommand`${save} -c | grep -- '-A ${chain} '`;
}

/** What a person does to see whether a rule takes packets, as the end of a sentence. Without a full stop. */
export function toSeeRise(command: string, node: string | null): string {
  return `run ${command} on ${node} before and after the client sends, and compare the counter of the rule`;
}
