/** What the commands that change a node may do to it, read from the list as it is installed. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { nodeChecks, parameterPatterns } from '../../src/model/command.ts';

const list = readFileSync(resolve(import.meta.dirname, '../../deploy/node/allow-list.fixes'), 'utf8');
const changes = list
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('calicoctl-'))
  .map((line) => line.split('\t').slice(5));

test("only pods' interfaces and tunnel devices are taken down, and what is set is fixed", () => {
  const lines = changes.map((argv) => argv.join(' '));
  expect(lines.filter((line) => line.endsWith(' down')).toSorted()).toEqual([
    'ip link set dev tunl0 down',
    'ip link set dev vxlan.calico down',
    'ip link set dev {interface:podlink} down',
    'ip netns exec {netns:netns} ip link set dev eth0 down',
  ]);
  const others = ['eth0', 'lo', 'tunl0', 'cali', 'cali1', 'cali4e199eba0871', 'cali4E199EBA087', 'calig199eba087'];
  expect(others.filter((name) => parameterPatterns.podlink.test(name))).toEqual([]);
  expect([nodeChecks.podlink, nodeChecks.netns]).toEqual(['network-device', 'other-network']);
  // A value says on which interface or in which pod; what is set there stands in the template.
  const placeholders = lines
    .filter((line) => !line.startsWith('conntrack '))
    .flatMap((line) => [...line.matchAll(/\{(\w+):(\w+)\}/g)].map(([, , type = '']) => type));
  expect(new Set(placeholders)).toEqual(new Set(['interface', 'netns', 'podlink']));
  expect(lines.filter((line) => /=\{/.test(line))).toEqual([]);
});

test('no value of a request reaches the restart of Felix, and it signals nothing by number', () => {
  const [restart = [], ...others] = changes.filter((argv) => argv.join(' ').includes('supervise/control'));
  expect(others).toEqual([]);
  expect(restart.join(' ')).not.toMatch(/\{\w+:\w+\}|\bkill\b/);
});

test('the bound of connections is doubled in a full table and halved in one with room, and no value says how far', () => {
  const lines = changes.map((argv) => argv.join(' ')).filter((line) => line.includes('nf_conntrack_max'));
  expect(lines.map((line) => line.slice(line.lastIndexOf('; ') + 2))).toEqual([
    'sysctl -w net.netfilter.nf_conntrack_max=$((max * 2))',
    'sysctl -w net.netfilter.nf_conntrack_max=$((max / 2))',
  ]);
  expect(lines.filter((line) => /\{\w+:\w+\}/.test(line))).toEqual([]);
  const [doubling = '', halving = ''] = lines;
  expect(doubling).toContain('(( count * 100 >= max * 98 )) ||');
  expect(doubling).toContain('(( max * 320 <= free * 1024 * 2 / 100 )) ||');
  expect(halving).toContain('(( max / 2 >= 65536 && count * 100 < max / 2 * 98 )) ||');
});

test('of connections, one entry alone is deleted: addresses and ports of both ends are named', () => {
  const lines = changes.map((argv) => argv.join(' ')).filter((line) => line.startsWith('conntrack '));
  const entry =
    '-s {source:address} -d {destination:address} --sport {sourcePort:number} --dport {port:number} -r {sentTo:address}';
  expect(new Set(lines)).toEqual(new Set(['tcp', 'udp'].map((protocol) => `conntrack -D -p ${protocol} ${entry}`)));
  expect(lines.length).toBe(2);
  // A prefix, or the address that stands for all of them, would take more than one.
  const wide = ['0.0.0.0', '10.0.0.1/0', '10.0.0.0/8', '::', '-s'];
  expect(wide.filter((value) => parameterPatterns.address.test(value))).toEqual([]);
});
