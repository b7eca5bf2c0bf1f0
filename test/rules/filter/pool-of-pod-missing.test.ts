import type { IPPool } from '../../../src/model/calico.ts';
import type { Route } from '../../../src/model/network.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { Sighting } from '../../../src/model/sightings.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { poolOfPodMissing as rule } from '../../../src/rules/filter/pool-of-pod-missing.ts';
import { end, flowWith, tcp, tried } from '../../support/attempts.ts';
import { blind, changed, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { sightingAt } from '../../support/sightings.ts';
import { route } from '../../support/ways.ts';

const other: IPPool = { metadata: { name: 'new-pool' }, spec: { cidr: '10.245.0.0/16', natOutgoing: true } };
const own: ReachAttempt = { ...tried('own-node', 443, 'reply'), from: 'node n2', to: '203.0.113.7' };
const card = sightingAt('source-card', '', {
  interface: 'eth0',
  sent: 3,
  requests: ['40001', '40002', '40003'],
  sources: [end.address],
});
const outward = flowWith({ destination: outsideEnd('203.0.113.7'), port: tcp(443), asked: true });
const block = route({ destination: '10.244.2.0/26', type: 'blackhole', device: null, protocol: 'bird' });
const toPod = route({ destination: end.address, device: 'cali2' });
const usual = route({ destination: '0.0.0.0/0', device: 'eth0' });

interface Seen {
  readonly pools?: readonly IPPool[];
  readonly attempts?: readonly ReachAttempt[];
  readonly points?: readonly Sighting[];
  readonly routes?: readonly Route[];
}
const seen = ({
  pools = [other],
  attempts = [tried('flow', 443, 'none'), own],
  points = [card],
  routes = [usual, block, toPod],
}: Seen = {}): Facts =>
  changed({}, { flow: outward, pools, 'routes@source': routes, reachability: { attempts }, sightings: { points } });
const missing = 'missing Pod default/client @n2 capture stops';

testRule(rule, {
  lab: 'nat-outgoing-off',
  rows: [
    [
      'fails: another pool has come in its place',
      () => seen(),
      [{ finding: missing, data: { block: '10.244.2.0/26', pools: 'the pools are 10.245.0.0/16' } }],
    ],
    [
      'fails: there is no pool any more',
      () => seen({ pools: [] }),
      [{ finding: missing, data: { pools: 'there is no IP pool' } }],
    ],
    [
      'passes: a pool without natOutgoing holds it, which is another cause',
      () => seen({ pools: [{ metadata: { name: 'old' }, spec: { cidr: '10.244.0.0/16', natOutgoing: false } }] }),
      'pass',
    ],
    ['passes: the flow works', () => seen({ attempts: [tried('flow', 443, 'reply')] }), 'pass'],
    ['passes: another program translates', () => seen({ points: [{ ...card, sources: ['10.0.0.2'] }] }), 'pass'],
    ['passes: answers come back to the node', () => seen({ points: [{ ...card, replies: ['40001'] }] }), 'pass'],
    [
      'no cause: the node itself gets no answer either',
      () => seen({ attempts: [tried('flow', 443, 'none')] }),
      'inconclusive',
    ],
    [
      'no cause: a datagram need not be answered',
      () => changed(seen(), { flow: { ...outward, port: { protocol: 'udp', number: 514 } } }),
      'inconclusive',
    ],
    ['no capture is no proof', () => blind(seen(), ['sightings']), 'inconclusive'],
    ['the tries are not known', () => blind(seen(), ['reachability']), 'inconclusive'],
    ['the pools are not known', () => blind(seen(), ['pools']), 'inconclusive'],
    ['the routes of the node are not known', () => blind(seen(), ['routes@source']), 'inconclusive'],
    ['does not apply where Calico gives no addresses', () => seen({ routes: [usual, toPod] }), 'not-applicable'],
    [
      'does not apply where somebody else refuses a network',
      () =>
        seen({
          routes: [
            usual,
            toPod,
            route({ destination: '10.244.0.0/16', type: 'blackhole', device: null, protocol: 'static' }),
          ],
        }),
      'not-applicable',
    ],
    ['does not apply between pods', () => changed(seen(), { flow: flowWith({}) }), 'not-applicable'],
    [
      'does not apply to a source on the network of its node',
      () => changed(seen(), { flow: { ...outward, source: { ...end, interface: null } } }),
      'not-applicable',
    ],
    [
      'does not apply to the own node',
      () =>
        changed(seen(), { flow: { ...outward, destination: { ...outward.destination, kind: 'node', node: 'n2' } } }),
      'not-applicable',
    ],
  ],
});
