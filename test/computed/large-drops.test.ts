import { expect, test } from '@jest/globals';
import { largeDrops } from '../../src/computed/large-drops.ts';
import { isRefused } from '../../src/model/ruleset/walk.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { captured, changed, derive, leg, undecided, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { rerouted } from '../support/ways.ts';
import type { FlowPort } from '../../src/model/target.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';

const healthy = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const facts = rerouted(healthy);
const { address } = valueOf(facts, 'flow').destination;
const mtu = valueOf(facts, 'links@target').find(
  ({ name }) => name === valueOf(facts, 'flow').destination.interface,
)?.mtu;

/** A rule of somebody in a chain of the filter table, beside all that is there. */
function beside(of: Facts, place: 'target' | 'source', chain: string, rule: string): Facts {
  const own = parseIptablesSave(`*filter\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`, {
    backend: 'iptables-nft',
  });
  const rulesets = valueOf(of, `rulesets@${place}`);
  return changed(of, { [`rulesets@${place}`]: { ...rulesets, ruleSets: [...rulesets.ruleSets, own] } });
}

async function found(of: Facts): Promise<readonly (readonly [string, string, number | null])[]> {
  const fact = await derive(of, largeDrops);
  if (fact?.status !== 'observed') throw new Error('it was not computed');
  return (fact.value as readonly PacketWalk[]).map((walk) => [walk.leg, walk.node, walk.packet.length]);
}

const asked = (port: FlowPort) => changed(facts, { flow: { ...valueOf(facts, 'flow'), port } });
const drop = (chain: string, match: string, place: 'target' | 'source' = 'target', of: Facts = facts) =>
  found(beside(of, place, chain, `${match} -j DROP`));

test('a full-sized packet has the size of the smaller interface of the two pods', async () => {
  expect(mtu).toBeGreaterThan(1300);
  expect(await drop('FORWARD', `-d ${address}/32 -m length --length 1300:65535`)).toEqual([
    ['target-ingress', 'n1', mtu],
  ]);
  expect(await drop('FORWARD', `-d ${address}/32 -m length --length ${(mtu ?? 0) + 1}:65535`)).toEqual([]);
});

test.each<[string, Parameters<typeof drop>, readonly string[]]>([
  ['the answer', ['FORWARD', `-s ${address}/32 -m length --length 1300:65535`], ['reply-target-egress']],
  ['the tunnel packet that arrives', ['INPUT', '-p 4 -m length --length 1300:65535'], ['target-outer']],
  ['the tunnel packet that is sent', ['OUTPUT', '-p 4 -m length --length 1300:65535', 'source'], ['source-outer']],
  [
    'the one protocol that was asked about',
    ['FORWARD', `-d ${address}/32 -p tcp -m tcp --dport 8080 -m length --length 1300:65535`],
    ['target-ingress'],
  ],
  [
    'a datagram',
    [
      'FORWARD',
      `-d ${address}/32 -p udp -m length --length 1300:65535`,
      'target',
      asked({ protocol: 'udp', number: 53 }),
    ],
    ['target-ingress'],
  ],
])('%s', async (_, given, legs) => {
  expect((await drop(...given)).map(([where]) => where)).toEqual(legs);
});

test.each<[string, string]>([
  ['a rule for others', '-d 198.51.100.1/32 -m length --length 1300:65535'],
  [
    'a rule for what no packet of the flow is',
    `-d ${address}/32 -m conntrack --ctstate INVALID -m length --length 1300:`,
  ],
  ['a rule whose other match nobody knows', `-d ${address}/32 -m length --length 1300:65535 -m bpf --object-pinned /x`],
  ['small packets end there, too', `-d ${address}/32`],
  ['a rule for small packets', `-d ${address}/32 -m length --length 0:100`],
])('no finding: %s', async (_, match) => {
  expect(await drop('FORWARD', match)).toEqual([]);
});

test('no finding where pings were asked about and the rule is for large pings alone', async () => {
  const icmp = asked({ protocol: 'icmp' });
  const match = `-d ${address}/32 -p icmp -m length --length 1300:65535`;
  expect(await drop('FORWARD', match, 'target', icmp)).toEqual([]);
  const ofAll = await drop('FORWARD', match.replace('-p icmp ', ''), 'target', icmp);
  expect(ofAll.map(([where]) => where)).toEqual(['target-ingress']);
});

test('no finding where the end of the small packet is not certain', async () => {
  const open = withWalk(facts, undecided(leg(facts, 'target-ingress')));
  expect(isRefused(leg(open, 'target-ingress').result.decision)).toBe(false);
  expect(await drop('FORWARD', `-d ${address}/32 -m length --length 1300:65535`, 'target', open)).toEqual([]);
});
