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

const handing = '*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -j NFQUEUE --queue-num 7\nCOMMIT\n';
const listening =
  '    7  12633     0 0 65531     0     0        0  1\n  300  12633     0 2 65531     0     0        4  1\n';

test.each([
  ['a rule asks for one', handing, { stdout: listening }, [7, 300]],
  ['nobody listens', handing, { stdout: '' }, []],
  ['the kernel cannot queue', handing, { exit: 1, stderr: 'cat: /proc/…: No such file or directory' }, []],
  ['the node does not allow it yet', handing, { exit: 126, stderr: 'not allowed' }, undefined],
  ['no rule asks for one', '*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n', { stdout: listening }, undefined],
])('reads the queues at which programs listen: %s', async (_, save, queues, listened) => {
  const { value } = await readRuleSets('n1', async ({ id }) =>
    transcript(id === 'cat-packet-queues' ? queues : { stdout: id === 'iptables-nft-save' ? save : '' }),
  );
  expect(value.ruleSets.map(({ listenedQueues }) => listenedQueues)).toEqual([listened]);
});
