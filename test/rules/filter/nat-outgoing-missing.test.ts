import type { IPPool } from '../../../src/model/calico.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { Sighting } from '../../../src/model/sightings.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { natOutgoingMissing as rule } from '../../../src/rules/filter/nat-outgoing-missing.ts';
import { end, flowWith, tcp, tried } from '../../support/attempts.ts';
import { blind, changed, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { sightingAt } from '../../support/sightings.ts';

const pool: IPPool = { metadata: { name: 'default-pool' }, spec: { cidr: '10.244.0.0/16', natOutgoing: false } };
const own: ReachAttempt = { ...tried('own-node', 443, 'reply'), from: 'node n2', to: '203.0.113.7' };
const silent = tried('flow', 443, 'none');
const card = sightingAt('source-card', '', {
  interface: 'eth0',
  sent: 3,
  requests: ['40001', '40002', '40003'],
  sources: [end.address],
});
const outward = flowWith({ destination: outsideEnd('203.0.113.7'), port: tcp(443), asked: true });

const seen = (
  points: readonly Sighting[] = [card],
  { natOutgoing = false, attempts = [silent, own] }: { natOutgoing?: boolean; attempts?: readonly ReachAttempt[] } = {},
): Facts =>
  changed(
    {},
    {
      flow: outward,
      pools: [{ ...pool, spec: { ...pool.spec, natOutgoing } }],
      reachability: { attempts },
      sightings: { points },
    },
  );

testRule(rule, {
  lab: 'nat-outgoing-off',
  rows: [
    ['fails: the pool has no natOutgoing', () => seen(), ['off Pool default-pool @n2 capture stops']],
    [
      'fails: a refusal of the node is an answer',
      () => seen([card], { attempts: [silent, { ...own, answer: 'refused' }] }),
      ['off Pool default-pool @n2 capture stops'],
    ],
    [
      'fails: the pool has it, and the node does not translate',
      () => seen([card], { natOutgoing: true }),
      [{ finding: 'missing Pool default-pool @n2 capture stops', lacks: ['programming:n2'] }],
    ],
    ['passes: it leaves with the address of the node', () => seen([{ ...card, sources: ['10.0.0.2'] }]), 'pass'],
    ['passes: answers come back to the node', () => seen([{ ...card, replies: ['40001'] }]), 'pass'],
    ['passes: the flow works', () => seen([card], { attempts: [tried('flow', 443, 'reply')] }), 'pass'],
    ['no cause: the node itself gets no answer either', () => seen([card], { attempts: [silent] }), 'inconclusive'],
    [
      'no cause: the node is answered, and not on the asked port',
      () => seen([card], { attempts: [silent, { ...own, answer: 'none' }, { ...own, port: { protocol: 'icmp' } }] }),
      'inconclusive',
    ],
    [
      'no cause: a datagram need not be answered',
      () => changed(seen(), { flow: { ...outward, port: { protocol: 'udp', number: 514 } } }),
      'inconclusive',
    ],
    [
      'no cause: another node is answered',
      () => seen([card], { attempts: [silent, { ...own, from: 'node n1' }] }),
      'inconclusive',
    ],
    ['no capture is no proof (1)', () => seen([]), 'inconclusive'],
    ['no capture is no proof (2)', () => seen([{ ...card, requests: [], sources: [] }]), 'inconclusive'],
    ['no capture is no proof (3)', () => seen([{ ...card, trouble: 'it ended' }]), 'inconclusive'],
    ['no capture is no proof (4)', () => blind(seen(), ['sightings']), 'inconclusive'],
    ['the pools are not known', () => blind(seen(), ['pools']), 'inconclusive'],
    ['the tries are not known', () => blind(seen(), ['reachability']), 'inconclusive'],
    ['does not apply between pods', () => changed(seen(), { flow: flowWith({}) }), 'not-applicable'],
    [
      'does not apply to a source on the network of its node',
      () => changed(seen(), { flow: { ...outward, source: { ...end, interface: null } } }),
      'not-applicable',
    ],
    ['does not apply to a source in no pool', () => changed(seen(), { pools: [] }), 'not-applicable'],
    [
      'does not apply to the own node',
      () =>
        changed(seen(), { flow: { ...outward, destination: { ...outward.destination, kind: 'node', node: 'n2' } } }),
      'not-applicable',
    ],
  ],
});
