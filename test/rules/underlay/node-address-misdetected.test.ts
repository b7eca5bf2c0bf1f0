import type { Link, Route } from '../../../src/model/network.ts';
import { nodeAddressMisdetected as rule } from '../../../src/rules/underlay/node-address-misdetected.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { installed } from '../../support/installs.ts';
import { testRule } from '../../support/rule-tester.ts';
import { holding, refusing } from '../../support/tunnel-guard.ts';

const blocked = failing(await captured('ipip-blocked-legacy'));
const works = await captured('healthy-legacy');

const right = (facts: Facts) => holding(facts, '10.250.0.11/24', '10.250.0.12/24');
const withLink = (facts: Facts, key: 'links@source' | 'links@target', name: string, address: string) => {
  const link: Link = {
    name,
    index: 77,
    flags: ['UP'],
    mtu: 1500,
    operState: 'UP',
    addresses: [{ address, prefixLength: 16 }],
    kind: 'bridge',
    peerNamespace: null,
    peerIndex: null,
  };
  return changed(facts, { [key]: [...valueOf(facts, key), link] });
};
const withGateway = (facts: Facts, key: 'routes@source' | 'routes@target', gateway: string) =>
  changed(facts, {
    [key]: valueOf(facts, key).map((route): Route => (route.device === 'tunl0' ? { ...route, gateway } : route)),
  });
const withoutBlocks = (facts: Facts, key: 'routes@source' | 'routes@target') =>
  changed(facts, { [key]: valueOf(facts, key).filter(({ device }) => device !== 'tunl0') });
const overVxlan = failing(await captured('healthy-vxlan-legacy'));
/** n2 sends tunnel packets for n1 to this address, and no packet arrives. */
const forwarding = (destination: string) =>
  changed(overVxlan, {
    'tunnel-neighbours': [
      {
        node: 'n2',
        peer: 'n1',
        device: 'vxlan.calico',
        gateway: '10.244.1.0',
        entry: { linkAddress: '66:aa:bb:cc:dd:01', state: 'PERMANENT' },
        destinations: [destination],
      },
    ],
    'path-capture': { ...valueOf(overVxlan, 'path-capture'), places: [] },
  });
const wrong = (node: string, stops = false) => `wrong Node ${node} @${node} read${stops ? ' stops' : ''}`;

testRule(rule, {
  lab: 'node-address-misdetected',
  rows: [
    [
      'fails: the node does not have the address, and the other refuses its packets',
      () => holding(refusing(blocked, 'target-outer'), '10.250.0.11/24', '192.0.2.7/24'),
      [
        {
          finding: wrong('n2'),
          data: { held: '192.0.2.7', real: '10.250.0.12', prefix: '24', whose: 'which n2 does not have' },
          withholds: ['nodeAddress:n2'],
        },
      ],
    ],
    [
      'fails: the other node sends tunnel packets to the address, by its forwarding entries',
      () => holding(forwarding('192.0.2.7'), '192.0.2.7/24', '10.250.0.12/24'),
      [{ finding: wrong('n1', true), data: { held: '192.0.2.7', real: '10.250.0.11' } }],
    ],
    [
      'passes: a wrong address that no forwarding entry has',
      () => holding(forwarding('10.250.0.11'), '192.0.2.7/24', '10.250.0.12/24'),
      'pass',
    ],
    [
      "fails: the target's node, whose replies are refused",
      () => holding(refusing(blocked, 'reply-source-outer'), '192.0.2.7/24', '10.250.0.12/24'),
      [
        {
          finding: wrong('n1'),
          data: { real: '10.250.0.11', peerAddress: '10.250.0.12' },
          withholds: ['nodeAddress:n1'],
        },
      ],
    ],
    [
      'fails: it has the address on a bridge of its own',
      () =>
        withLink(
          holding(refusing(blocked, 'target-outer'), '10.250.0.11', '172.17.0.1/16'),
          'links@source',
          'docker0',
          '172.17.0.1',
        ),
      [{ finding: wrong('n2'), data: { whose: 'which n2 has on docker0' } }],
    ],
    [
      'fails: two nodes are held by one address',
      () => holding(refusing(blocked, 'target-outer'), '10.250.0.11/24', '10.250.0.11/24'),
      [{ finding: wrong('n2'), data: { held: '10.250.0.11', whose: 'which it holds for n1 too' } }],
    ],
    [
      'fails: the other node has the address',
      () =>
        withLink(
          holding(refusing(blocked, 'target-outer'), '10.250.0.11/24', '172.17.0.1/16'),
          'links@target',
          'docker0',
          '172.17.0.1',
        ),
      [{ finding: wrong('n2'), data: { whose: 'which n1 has' } }],
    ],
    [
      'does not apply: Calico holds no addresses, as another network plugin leads packets between the nodes',
      () =>
        changed(withoutBlocks(holding(blocked, null, null), 'routes@target'), {
          install: { ...installed('operator'), backend: 'none' },
        }),
      'not-applicable',
    ],
    [
      'fails: Calico holds no address for it',
      () => holding(refusing(blocked, 'target-outer'), '10.250.0.11/24', null),
      [{ finding: 'none Node n2 @n2 read', withholds: ['nodeAddress:n2'] }],
    ],
    [
      'fails: its interfaces were not read, and its packets come from another address',
      () => blind(holding(refusing(blocked, 'target-outer'), '10.250.0.11/24', '192.0.2.7/24'), ['links@source']),
      [{ finding: wrong('n2'), data: { prefix: '32' } }],
    ],
    [
      'fails: the other node sends its packets to the wrong address',
      () => withGateway(holding(blocked, '192.0.2.7/24', '10.250.0.12/24'), 'routes@source', '192.0.2.7'),
      [wrong('n1', true)],
    ],
    [
      'fails: the other node has no route to its pods',
      () => withoutBlocks(holding(blocked, '10.250.0.11/24', '192.0.2.7/24'), 'routes@target'),
      [{ finding: wrong('n2'), withholds: ['nodeAddress:n2'] }],
    ],
    ['passes: both addresses are right', () => right(blocked), 'pass'],
    ['passes: the set is outdated, and the address is right', () => right(refusing(blocked, 'target-outer')), 'pass'],
    [
      'passes: the node is held by an address of another network, and nothing is wrong for that',
      () => withLink(holding(blocked, '10.250.0.11/24', '198.51.100.2/16'), 'links@source', 'eth1', '198.51.100.2'),
      'pass',
    ],
    [
      'passes: a translated address by which the packets arrive',
      () => {
        const routed = withGateway(holding(blocked, '203.0.113.7', '10.250.0.12/24'), 'routes@source', '203.0.113.7');
        const capture = valueOf(works, 'path-capture');
        return changed(routed, {
          'path-capture': {
            ...capture,
            places: capture.places.map((place) =>
              place.hop === 'target-card' ? { ...place, requests: ['icmp 7 701'] } : place,
            ),
          },
        });
      },
      'pass',
    ],
    [
      'passes: the asked flow works',
      () => withoutBlocks(holding(works, '203.0.113.7', '10.250.0.12'), 'routes@source'),
      'pass',
    ],
    [
      'inconclusive: the datastore has no node of this name',
      () => changed(right(blocked), { 'calico-nodes': [{ node: 'n1', object: null }] }),
      'inconclusive',
    ],
    [
      'not applicable within one node',
      () => {
        const flow = valueOf(blocked, 'flow');
        return changed(right(blocked), { flow: { ...flow, source: { ...flow.source, node: flow.destination.node } } });
      },
      'not-applicable',
    ],
    [
      'not applicable where nobody had to ask for the addresses',
      () => blind(blocked, ['calico-nodes'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'inconclusive: the datastore does not answer',
      () => blind(refusing(blocked, 'target-outer'), ['calico-nodes'], 'datastore-unreachable'),
      'inconclusive',
    ],
    ['inconclusive: the flow is not known', () => blind(right(blocked), ['flow']), 'inconclusive'],
  ],
});
