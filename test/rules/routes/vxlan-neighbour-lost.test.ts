import type { Link } from '../../../src/model/network.ts';
import type { Sighting, WayPoint } from '../../../src/model/sightings.ts';
import type { TunnelNeighbour } from '../../../src/model/tunnel-neighbour.ts';
import { vxlanNeighbourLost as rule } from '../../../src/rules/routes/vxlan-neighbour-lost.ts';
import { blind, captured, changed, failing, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { sightingAt } from '../../support/sightings.ts';

const healthy = await captured('healthy-vxlan-legacy');
/** n2 has the client, n1 the asked pod: as both found each other when the capture was taken. */
const there: TunnelNeighbour = {
  node: 'n2',
  peer: 'n1',
  device: 'vxlan.calico',
  gateway: '10.244.1.0',
  entry: { linkAddress: '66:aa:bb:cc:dd:01', state: 'PERMANENT' },
  destinations: ['10.250.0.11'],
};
const back: TunnelNeighbour = {
  node: 'n1',
  peer: 'n2',
  device: 'vxlan.calico',
  gateway: '10.244.2.0',
  entry: { linkAddress: '66:aa:bb:cc:dd:02', state: 'PERMANENT' },
  destinations: ['10.250.0.12'],
};
const facts = changed(failing(healthy), { 'tunnel-neighbours': [there, back], sightings: { points: [] } });
const withThere = (change: Partial<TunnelNeighbour>, of: Facts = facts) =>
  changed(of, { 'tunnel-neighbours': [{ ...there, ...change }, back] });
const withBack = (change: Partial<TunnelNeighbour>, of: Facts = facts) =>
  changed(of, { 'tunnel-neighbours': [there, { ...back, ...change }] });
const withoutForwarding = changed(facts, {
  'tunnel-neighbours': [there, back].map((one) => ({ ...one, destinations: [] })),
});
const seenAt = (point: WayPoint, what: Partial<Sighting>, of: Facts) =>
  changed(of, {
    sightings: { points: [sightingAt(point, '', { node: 'n1', interface: 'eth0', sent: 3, ...what })] },
  });
const noEntry = { entry: null, destinations: [] };
const unresolved = { entry: { linkAddress: null, state: 'FAILED' }, destinations: [] };
const stale = { entry: { linkAddress: '66:00:00:00:00:fe', state: 'PERMANENT' } };
type Settings = NonNullable<Link['vxlan']>;
const usual: Settings = { port: 8472, id: 1 };
const plain = ({ vxlan: _vxlan, ...link }: Link): Link => link;
const withSettings = (target: Settings, source: Settings = { port: 4789, id: 4096 }) => {
  const set = (vxlan: Settings) => (link: Link) => (link.name === 'vxlan.calico' ? { ...link, vxlan } : link);
  return changed(facts, {
    'links@target': valueOf(facts, 'links@target').map(set(target)),
    'links@source': valueOf(facts, 'links@source').map(set(source)),
  });
};
const request = 'NodePair n2→n1 @n2 read stops';
const reply = 'NodePair n1→n2 @n1 read stops';

testRule(rule, {
  lab: 'vxlan-neighbour-lost',
  rows: [
    [
      'fails: no entry of IPv6, where nobody asks by ARP',
      () => withThere({ ...noEntry, device: 'vxlan-v6.calico', gateway: 'fd00:10:244:1::' }),
      [{ finding: `unresolved ${request}`, data: { asking: 'neighbour discovery' } }],
    ],
    [
      'eBPF programs need no entry',
      () =>
        changed(withoutForwarding, {
          dataplanes: ['n1', 'n2'].map((node) => ({ node, dataplane: 'ebpf', signs: [] })),
        }),
      'not-applicable',
    ],
    [
      'the other node, with packet filters, does',
      () =>
        changed(withoutForwarding, {
          dataplanes: [{ node: 'n1', dataplane: 'ebpf', signs: [] }],
        }),
      [`forwarding ${request}`],
    ],
    [
      'fails: no neighbour entry on the way there',
      () => withThere(noEntry),
      [
        {
          finding: `unresolved ${request}`,
          lacks: ['nodeAddress:n1', 'felix:n2', 'programming:n2'],
          data: { linkAddress: '66:aa:bb:cc:dd:01', peerAddress: '10.250.0.11' },
        },
      ],
    ],
    ['fails: nobody answered for the next hop', () => withThere(unresolved), [`unresolved ${request}`]],
    ['fails: no neighbour entry on the way back', () => withBack(noEntry), [`unresolved ${reply}`]],
    [
      'fails: the entry has the address of a device that is gone',
      () => withThere(stale),
      [{ finding: `address ${request}`, data: { found: '66:00:00:00:00:fe', linkAddress: '66:aa:bb:cc:dd:01' } }],
    ],
    ['fails: no forwarding entry', () => withThere({ destinations: [] }), [`forwarding ${request}`]],
    ['fails: no forwarding entry on the way back', () => withBack({ destinations: [] }), [`forwarding ${reply}`]],
    [
      'fails: the forwarding entry leads to another node',
      () => withThere({ destinations: ['10.250.0.13'] }),
      [{ finding: `elsewhere ${request}`, data: { destinations: '10.250.0.13' } }],
    ],
    [
      'fails on both ways',
      () =>
        changed(facts, {
          'tunnel-neighbours': [
            { ...there, ...noEntry },
            { ...back, destinations: [] },
          ],
        }),
      [`unresolved ${request}`, `forwarding ${reply}`],
    ],
    [
      'fails: what a wrong link-layer address has still comes out of the tunnel there',
      () => seenAt('target-tunnel', { requests: ['1'] }, withThere(stale)),
      [`address ${request}`],
    ],
    [
      'passes: a wrong link-layer address, and the pod saw the request',
      () => seenAt('target-pod', { requests: ['1'] }, withThere(stale)),
      'pass',
    ],
    [
      "passes: the pod's node saw the request",
      () => seenAt('target-card', { requests: ['1'] }, withThere({ destinations: [] })),
      'pass',
    ],
    [
      "passes: the source's node saw the reply",
      () => seenAt('source-card', { replies: ['1'] }, withBack({ destinations: [] })),
      'pass',
    ],
    [
      'fails: the devices have unlike ports, so each node drops what the other sends',
      () => withSettings({ port: 8472, id: 4096 }),
      [
        {
          finding: `settings NodePair n2→n1 @n1 read stops`,
          data: { differences: 'UDP port 4789 on n2, 8472 on n1' },
        },
      ],
    ],
    [
      'fails: the same of port and network number, where the other node cannot be found either',
      () => withThere(noEntry, withSettings({ port: 8472, id: 4097 })),
      [
        `unresolved ${request}`,
        {
          finding: `settings NodePair n2→n1 @n1 read stops`,
          data: { differences: 'UDP port 4789 on n2, 8472 on n1; network number (VNI) 4096 on n2, 4097 on n1' },
        },
      ],
    ],
    ['passes: both nodes have another port than the usual one', () => withSettings(usual, usual), 'pass'],
    [
      'passes: unlike settings, and the pod saw the request',
      () => seenAt('target-pod', { requests: ['1'] }, withSettings({ port: 8472, id: 4096 })),
      'pass',
    ],
    [
      'passes: nobody printed the settings of one node',
      () =>
        changed(withSettings({ port: 8472, id: 4096 }), { 'links@target': valueOf(facts, 'links@target').map(plain) }),
      'pass',
    ],
    ['passes where both find each other', () => facts, 'pass'],
    [
      'passes: one of two destinations is the node',
      () => withThere({ destinations: ['10.250.0.13', '10.250.0.11'] }),
      'pass',
    ],
    [
      'passes: another address of the node, by its interfaces',
      () => {
        const links = valueOf(facts, 'links@target').map((link) =>
          link.name === 'eth0'
            ? { ...link, addresses: [...link.addresses, { address: '10.9.9.9', prefixLength: 24 }] }
            : link,
        );
        return changed(withThere({ destinations: ['10.9.9.9'] }), { 'links@target': links });
      },
      'pass',
    ],
    [
      'passes: the asked flow works',
      () => changed(withThere(noEntry), { reachability: valueOf(healthy, 'reachability') }),
      'pass',
    ],
    [
      'inconclusive: nobody read the link-layer address of the other device',
      () => blind(withThere(stale), ['links@target', 'links@source']),
      'inconclusive',
    ],
    [
      'inconclusive: nobody read the addresses of the other node, and one that Kubernetes does not name may be right',
      () => blind(withThere({ destinations: ['10.9.9.9'] }), ['links@target']),
      'inconclusive',
    ],
    [
      'inconclusive: one node could not be read, and so not be asked how it finds the other',
      () => blind(changed(facts, { 'tunnel-neighbours': [there] }), ['links@target']),
      'inconclusive',
    ],
    [
      'inconclusive: the route leads to the device of a third node, whose entries are right',
      () => withThere({ ...stale, gateway: '10.244.3.0', destinations: ['10.250.0.13'] }),
      'inconclusive',
    ],
    [
      'fails: nothing answers at a next hop that is not the device of the other node',
      () => withThere({ ...noEntry, gateway: '10.244.3.0' }),
      [`unresolved ${request}`],
    ],
    [
      'does not apply: within one node',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(withThere(noEntry), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
      },
      'not-applicable',
    ],
    [
      'does not apply: no packet goes into such a tunnel',
      () => blind(facts, ['tunnel-neighbours'], 'not-applicable'),
      'not-applicable',
    ],
    ...(['tunnel-neighbours', 'flow'] as const).map((key): RuleRow => [
      `inconclusive without ${key}`,
      () => blind(facts, [key]),
      'inconclusive',
    ]),
    [
      'fails: where nothing was captured',
      () => blind(withThere(noEntry), ['sightings', 'flow-outcome']),
      [`unresolved ${request}`],
    ],
  ],
});
