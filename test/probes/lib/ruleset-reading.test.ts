import { expect, test } from '@jest/globals';
import { readRuleSets } from '../../../src/probes/lib/ruleset-reading.ts';
import { transcript } from '../transcript.ts';

test('reads other rules while a long save is still being printed', async () => {
  const prints: Readonly<Record<string, string>> = {
    'cat-ip-tables-names': 'filter\n',
    'iptables-legacy-save': '*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -j ACCEPT\nCOMMIT\n',
    'iptables-nft-save': '*filter\n:FORWARD DROP [0:0]\nCOMMIT\n',
    'nft-list-chains': 'table ip filter {\n\tchain FORWARD {\n\t}\n}\ntable inet other {\n\tchain c {\n\t}\n}\n',
    'nft-list-table': '{"nftables":[{"table":{"family":"inet","name":"other"}}]}',
  };
  const others = new Set(['iptables-legacy-save', 'nft-list-table']);
  const read = Promise.withResolvers<void>();
  const { value } = await readRuleSets('n1', async ({ id }) => {
    if (others.delete(id) && others.size === 0) read.resolve();
    if (id === 'iptables-nft-save') await read.promise;
    return transcript({ stdout: prints[id] ?? '' });
  });
  expect(value.ruleSets.map(({ backend }) => backend)).toEqual(['iptables-legacy', 'iptables-nft', 'nftables']);
});
