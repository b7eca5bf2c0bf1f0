import { expect, test } from '@jest/globals';
import { dataDrops } from '../../src/computed/data-drops.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { captured, changed, derive, valueOf, type Facts } from '../support/facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { rerouted } from '../support/ways.ts';

const facts = rerouted(await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } }));
const { address } = valueOf(facts, 'flow').destination;

/** The legs of what ends behind the handshake, where a node has this rule of somebody beside all that is there. */
async function found(
  rule: string | readonly string[],
  place: 'target' | 'source' = 'target',
  of: Facts = facts,
): Promise<string[]> {
  const lines = [rule].flat().map((one) => `-A FORWARD ${one} -j DROP\n`);
  const text = `*filter\n:FORWARD ACCEPT [0:0]\n${lines.join('')}COMMIT\n`;
  const rulesets = valueOf(of, `rulesets@${place}`);
  const ruleSets = [...rulesets.ruleSets, parseIptablesSave(text, { backend: 'iptables-nft' })];
  const fact = await derive(walkedAgain(changed(of, { [`rulesets@${place}`]: { ...rulesets, ruleSets } })), dataDrops);
  if (fact?.status !== 'observed') throw new Error('it was not computed');
  return [...new Set((fact.value as readonly PacketWalk[]).map(({ leg, node }) => `${leg} ${node}`))];
}

test.each<[string, Parameters<typeof found>, readonly string[]]>([
  ['a bare ACK', [`-d ${address}/32 -p tcp -m tcp --tcp-flags SYN,ACK ACK`], ['target-ingress n1']],
  ['a bare ACK of the pod', [`-s ${address}/32 -p tcp -m tcp --tcp-flags SYN,ACK ACK`], ['reply-target-egress n1']],
  ['what is the last for now', [`-d ${address}/32 -p tcp -m tcp --tcp-flags PSH PSH`], ['target-ingress n1']],
  ['all that has data', [`-d ${address}/32 -p tcp -m length --length 101:65535`], ['target-ingress n1']],
  [
    'what belongs to a connection',
    [`-d ${address}/32 -p tcp -m conntrack --ctstate ESTABLISHED`, 'source'],
    ['source-egress n2'],
  ],
  [
    'a bare ACK, where another one ends the handshake',
    [
      [
        `-d ${address}/32 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN`,
        `-d ${address}/32 -p tcp -m tcp --tcp-flags SYN,ACK ACK`,
      ],
    ],
    ['target-ingress n1'],
  ],
])('a rule that lets the handshake pass, and drops %s', async (_, given, legs) => {
  expect(await found(...given)).toEqual(legs);
});

test.each<[string, Parameters<typeof found>[0]]>([
  ['the handshake ends there, too', `-d ${address}/32 -p tcp`],
  [
    'the handshake would end there, once another rule lets it pass',
    [`-d ${address}/32 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN`, '-p tcp'],
  ],
  ['it is for forged flags', `-d ${address}/32 -p tcp -m tcp --tcp-flags FIN,PSH,URG FIN,PSH,URG`],
  ['it is for large packets', `-d ${address}/32 -m length --length 1300:65535`],
  ['it is for another port', `-d ${address}/32 -p tcp -m tcp --dport 9090 --tcp-flags SYN,ACK ACK`],
  ['it is for packets of no connection', `-d ${address}/32 -m conntrack --ctstate INVALID`],
  ['nobody knows whether it matches', `-d ${address}/32 -m string --string GET --algo bm`],
])('no finding: %s', async (_, rule) => {
  expect(await found(rule)).toEqual([]);
});

test('no finding for what is not TCP', async () => {
  const flow = { ...valueOf(facts, 'flow'), port: { protocol: 'udp', number: 53 } as const };
  expect(await found('-m conntrack --ctstate ESTABLISHED', 'target', changed(facts, { flow }))).toEqual([]);
});
