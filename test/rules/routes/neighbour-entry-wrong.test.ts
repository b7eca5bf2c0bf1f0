import type { KernelWay, WayOf } from '../../../src/model/kernel-way.ts';
import type { NeighbourEntry, PodNetwork } from '../../../src/model/network.ts';
import { neighbourEntryWrong as rule } from '../../../src/rules/routes/neighbour-entry-wrong.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { withPodNetworks } from '../../support/network-facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = await captured('healthy-legacy', { port: { protocol: 'tcp', number: 8080 } });
const [right, other, host] = ['0a:00:00:00:00:05', '02:00:00:00:00:99', 'ee:ee:ee:ee:ee:ee'];
const { destination, source } = valueOf(healthy, 'flow');

const ethernet = (of: PodNetwork): PodNetwork => ({
  ...of,
  links: of.links.map((link) => ({ ...link, linkAddress: right })),
  neighbours: [],
});
const hosts = (place: 'target' | 'source', card: string | null) =>
  valueOf(healthy, `links@${place}`).map((link) =>
    link.name === card ? { ...link, kind: 'veth', linkAddress: host } : link,
  );
const networks = withPodNetworks(failing(healthy, 'none'));
const facts: Facts = changed(networks, {
  'pod-network': ethernet(valueOf(networks, 'pod-network')),
  'source-pod-network': ethernet(valueOf(networks, 'source-pod-network')),
  'links@target': hosts('target', destination.interface),
  'links@source': hosts('source', source.interface),
  'pod-neighbours': [],
});
const onNode: NeighbourEntry = {
  node: 'n1',
  address: destination.address,
  device: destination.interface ?? '',
  linkAddress: other,
  state: 'PERMANENT',
};
const onSource: NeighbourEntry = { ...onNode, node: 'n2', address: source.address, device: source.interface ?? '' };
const holding = (...entries: readonly NeighbourEntry[]) => changed(facts, { 'pod-neighbours': entries });
const inPod = (key: 'pod-network' | 'source-pod-network', linkAddress: string, address = '169.254.1.1') =>
  changed(facts, {
    [key]: {
      ...valueOf(facts, key),
      neighbours: [{ ...onNode, address, device: valueOf(facts, key).ownInterface ?? '', linkAddress }],
    },
  });
/**
 * What n1 and n2 hold of each other, both at eth0 of one network, by the words of the kernel.
 * @param own by which interface and gateway n1 sends the answers of the flow
 */
const peers = (
  entry: Partial<NeighbourEntry>,
  gateway: string | null = null,
  own: readonly [device: string, gateway: string | null] = ['tunl0', source.nodeAddress],
): Facts => {
  const [to, card] = [source.nodeAddress ?? '', { prefixLength: 24, kernel: true }];
  const links = valueOf(facts, 'links@source').map((link) =>
    link.name === 'eth0' ? { ...link, linkAddress: right, addresses: [{ ...card, address: to }] } : link,
  );
  return changed(facts, {
    'links@source': links,
    'node-neighbours': [{ ...onNode, address: to, device: 'eth0', ...entry }],
    'kernel-ways': [
      wayTo('reply-target-outer', to, 'eth0', gateway),
      wayTo('reply-target-egress', source.address, ...own),
    ],
  });
};
const wayTo = (of: WayOf, to: string, device: string, gateway: string | null): KernelWay => ({
  of,
  node: 'n1',
  destination: to,
  source: null,
  inInterface: null,
  mark: 0,
  doubt: null,
  evidence: [],
  answer: { kind: 'route', type: 'unicast', device, gateway, table: 'main', preferredSource: null },
});
const sound: readonly (readonly [string, NeighbourEntry])[] = [
  ['the right address', { ...onNode, linkAddress: right }],
  ['no address yet', { ...onNode, linkAddress: null, state: 'FAILED' }],
  ['another address at another device', { ...onNode, device: 'eth0' }],
];

testRule(rule, {
  lab: 'neighbour-wrong',
  rows: [
    [
      "fails: the node's entry for the pod",
      () => holding(onNode),
      [
        {
          finding: `onNode Interface ${onNode.device} ${onNode.address} @n1 read stops`,
          data: {
            held: other,
            right,
            state: 'PERMANENT',
            delete: `ip neigh del ${onNode.address} dev ${onNode.device}`,
          },
        },
      ],
    ],
    [
      'fails: the entry for the source on its node, where the reply goes',
      () => holding(onSource),
      [`onNode Interface ${onSource.device} ${onSource.address} @n2 read stops`],
    ],
    [
      "fails: the pod's entry for its gateway",
      () => inPod('pod-network', other),
      [{ finding: 'inPod Interface eth0 169.254.1.1 @n1 read stops', data: { held: other, right: host } }],
    ],
    [
      "fails: the source's entry for its gateway",
      () => inPod('source-pod-network', other),
      ['inPod Interface eth0 169.254.1.1 @n2 read stops'],
    ],
    [
      "fails: the node's entry for the other node, which somebody set",
      () => peers({}),
      [
        {
          finding: `betweenNodes Interface eth0 ${source.nodeAddress} @n1 read stops`,
          data: { peer: 'n2', held: other, right },
        },
      ],
    ],
    [
      'passes: the network answers for the other node with another address',
      () => peers({ state: 'REACHABLE' }),
      'pass',
    ],
    ['passes: the entry for the other node holds the right address', () => peers({ linkAddress: right }), 'pass'],
    ['passes: packets for the other node go to a gateway', () => peers({}, '192.0.2.1'), 'pass'],
    ['passes: they go by another interface', () => peers({ device: 'eth1' }), 'pass'],
    ...(
      [
        ['by a tunnel that knows no gateways', ['vxlan.calico', '10.244.2.0']],
        ['encrypted', ['wireguard.cali', null]],
        ['unencapsulated, to the other node', ['eth0', source.nodeAddress]],
      ] as const
    ).map(([what, own]): RuleRow => [
      `fails: the flow goes ${what}`,
      () => peers({}, null, own),
      [`betweenNodes Interface eth0 ${source.nodeAddress} @n1 read stops`],
    ]),
    [
      'fails: the kernel refuses the way of the flow for another reason',
      () => {
        const of = peers({});
        const answer = { kind: 'refused', error: 'no-route-to-host', words: 'No route to host' } as const;
        const ways = valueOf(of, 'kernel-ways').map((way) =>
          way.of === 'reply-target-egress' ? { ...way, answer } : way,
        );
        return changed(of, { 'kernel-ways': ways });
      },
      [`betweenNodes Interface eth0 ${source.nodeAddress} @n1 read stops`],
    ],
    [
      'fails: nobody answers for the router by which the reply goes, and no reply leaves the node',
      () => {
        const hop = { address: '192.0.2.1', linkAddress: null, state: 'FAILED' };
        const of = peers(hop, null, ['eth0', hop.address]);
        const { encapsulation, places } = valueOf(of, 'path-capture');
        const unanswered = places.map((place) => ({ ...place, requests: ['a'], replies: [] }));
        return changed(of, { 'path-capture': { encapsulation, places: unanswered } });
      },
      ['silentHop Interface eth0 192.0.2.1 @n1 read stops'],
    ],
    [
      'passes: the flow goes to a router, and not to the other node',
      () => peers({}, null, ['eth0', '192.0.2.1']),
      'pass',
    ],
    [
      'passes: the tunnel of the flow ends at another address of the other node',
      () => peers({}, null, ['tunl0', '192.0.2.9']),
      'pass',
    ],
    ...sound.map(([what, entry]): RuleRow => [`passes: the node's entry holds ${what}`, () => holding(entry), 'pass']),
    [
      "passes: the pod's wrong entry is for an address by which the flow does not leave",
      () => inPod('pod-network', other, '192.0.2.77'),
      'pass',
    ],
    [
      'inconclusive: the next hop of the pod is not known',
      () =>
        changed(facts, {
          'pod-network': {
            ...valueOf(facts, 'pod-network'),
            way: { kind: 'unavailable', code: 'not-parsed', reason: 'no known shape' },
          },
        }),
      'inconclusive',
    ],
    ["passes: the pod's entry holds the right address", () => inPod('pod-network', host), 'pass'],
    [
      'passes: the flow works',
      () => changed(holding(onNode), { 'flow-outcome': { flow: 'works', judgedPort: 'works' } }),
      'pass',
    ],
    [
      'does not judge an interface of another kind than a veth',
      () =>
        changed(holding(onNode), {
          'links@target': valueOf(facts, 'links@target').map((link) => ({ ...link, kind: 'ipvlan' })),
        }),
      'inconclusive',
    ],
    ['inconclusive: the entries were not read', () => blind(facts, ['pod-neighbours']), 'inconclusive'],
    ['inconclusive: the pod was not read', () => blind(facts, ['pod-network']), 'inconclusive'],
    ['inconclusive: the source was not read', () => blind(facts, ['source-pod-network']), 'inconclusive'],
    ['inconclusive: the interfaces were not read', () => blind(facts, ['links@target']), 'inconclusive'],
    ["inconclusive: the source's interfaces were not read", () => blind(facts, ['links@source']), 'inconclusive'],
    [
      'does not apply to pods on the host network',
      () => {
        const flow = valueOf(facts, 'flow');
        const bare = { interface: null };
        return changed(facts, {
          flow: { ...flow, source: { ...flow.source, ...bare }, destination: { ...flow.destination, ...bare } },
        });
      },
      'not-applicable',
    ],
    ['inconclusive: the flow is not known', () => blind(facts, ['flow']), 'inconclusive'],
  ],
});
