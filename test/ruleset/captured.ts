import { globSync, readFileSync } from 'node:fs';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { parseIpset } from '../../src/ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';

const captures = new URL('../fixtures/captures/', import.meta.url).pathname;

export function captured(path: string): string {
  return readFileSync(captures + path, 'utf8');
}

/** Every captured save of iptables, as `folder/node/file`; not where the reader printed nothing. */
export const capturedSaves: readonly string[] = globSync('*/n*/*iptables-*-save-c.txt', { cwd: captures })
  .filter((path) => captured(path).trim() !== '(no output)')
  .toSorted();

/**
 * What a node's readers printed in a capture, sets included.
 * @param after the readings taken after the pings
 */
export function capturedRuleSet(folder: string, node: 'n1' | 'n2', after = false): RuleSet {
  const prefix = `${folder}/${node}/${after ? 'after.' : ''}`;
  if (folder.endsWith('-nftables')) return parseNftJson(captured(`${prefix}nft-list-ruleset-json.txt`));
  const reader = folder.endsWith('-legacy') ? 'legacy' : 'nft';
  return {
    ...parseIptablesSave(captured(`${prefix}iptables-${reader}-save-c.txt`)),
    sets: parseIpset(captured(`${folder}/${node}/ipset-save.txt`)).sets,
  };
}

/** The interfaces of default/mypod on n1 and default/client on n2. */
export const mypod = { address: '10.244.1.5', interface: 'cali4e199eba087' } as const;
export const client = { address: '10.244.2.7', interface: 'calia7a3e029a7b' } as const;
