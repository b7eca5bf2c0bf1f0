import { podAddressDuplicated as rule } from '../../../src/rules/routes/pod-address-duplicated.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { hostInterfaceName } from '../../../src/calico/endpoint-names.ts';
import { lost, rerouted, route } from '../../support/ways.ts';

const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
const { source, destination } = valueOf(facts, 'flow');
const holding = (key: 'links@target' | 'links@source', device: string, address: string, prefixLength = 32) =>
  rerouted(facts, {
    [key]: valueOf(facts, key).map((link) =>
      link.name === device ? { ...link, addresses: [...link.addresses, { address, prefixLength }] } : link,
    ),
  });
const flow = valueOf(facts, 'flow');
const node = { ...source, interface: null, address: source.nodeAddress ?? '' };
const tunnelAddress = valueOf(facts, 'links@source').find(({ name }) => name === 'tunl0')?.addresses[0]?.address ?? '';
const own = holding('links@target', 'tunl0', destination.address);

const twin = { namespace: 'other', name: 'twin' };
const pods = (spec: object = {}, status: object = {}, metadata: object = {}) => [
  {
    metadata: { ...twin, ...metadata },
    spec: { nodeName: 'n2', containers: [], ...spec },
    status: { phase: 'Running', podIP: destination.address, ...status },
  },
];
/** The source's node leads packets for the address to its own pod. */
const ledAstray = rerouted(facts, {
  pods: pods(),
  'routes@source': [
    ...valueOf(facts, 'routes@source'),
    route({ destination: `${destination.address}/32`, device: hostInterfaceName(twin.namespace, twin.name) }),
  ],
});

testRule(rule, {
  lab: 'pod-address-duplicated',
  rows: [
    [
      "fails: the pod's node has it on its tunnel device",
      () => own,
      [
        {
          finding: 'own Pod default/mypod @n1 read stops',
          data: { device: 'tunl0', length: '32', address: destination.address },
          withholds: ['way:n1/target-ingress', `returnRoute:n1/${destination.address}`],
        },
      ],
    ],
    [
      "fails: the source's node has it, with a network around it",
      () => holding('links@source', 'eth0', destination.address, 24),
      [
        {
          finding: 'own Pod default/mypod @n2 read stops',
          data: { device: 'eth0', length: '24' },
          withholds: ['way:n2/source-egress', `returnRoute:n2/${destination.address}`],
        },
      ],
    ],
    [
      "fails: the pod's node has the source's address, and keeps the reply",
      () => holding('links@target', 'eth0', source.address),
      [
        {
          finding: 'own Pod default/client @n1 read stops',
          withholds: ['way:n1/reply-target-egress', `returnRoute:n1/${source.address}`],
        },
      ],
    ],
    [
      "fails: the pod's node has the tunnel address of the node that asks, and keeps the answer",
      () => rerouted(holding('links@target', 'tunl0', tunnelAddress), { flow: { ...flow, source: node } }),
      [{ finding: 'own Node n2 @n1 read stops', data: { holder: 'node n2', address: tunnelAddress, device: 'tunl0' } }],
    ],
    [
      'fails: which interface has it is not known',
      () => changed(own, { 'links@target': valueOf(facts, 'links@target') }),
      [
        {
          finding: 'own Pod default/mypod @n1 read stops',
          data: { device: 'an interface or by a route of type local' },
        },
      ],
    ],
    [
      'fails: two pods have it, and the node of the source leads to the other',
      () => ledAstray,
      [
        {
          finding: 'shared Pod other/twin @n2 read stops',
          data: { pod: 'default/mypod', otherNode: 'n2', led: ' n2 sends them to other/twin.' },
          withholds: [`soleAddress:n2/${destination.address}`, 'way:n2/source-egress'],
        },
      ],
    ],
    [
      'fails: two pods have it, and packets come to the right one',
      () => rerouted(facts, { pods: pods() }),
      [
        {
          finding: 'shared Pod other/twin @n2 read',
          data: { led: '' },
          withholds: [`soleAddress:n2/${destination.address}`],
        },
      ],
    ],
    ['passes: the other pod has ended', () => rerouted(facts, { pods: pods({}, { phase: 'Succeeded' }) }), 'pass'],
    [
      'passes: the other pod is being deleted',
      () => rerouted(facts, { pods: pods({}, {}, { deletionTimestamp: '2026-11-26T08:00:00Z' }) }),
      'pass',
    ],
    [
      'passes: the other pod has the network of its node',
      () => rerouted(facts, { pods: pods({ hostNetwork: true }) }),
      'pass',
    ],
    [
      'passes: it is the pod itself',
      () => rerouted(facts, { pods: pods({}, {}, { namespace: 'default', name: 'mypod' }) }),
      'pass',
    ],
    ['passes: no node has it', () => facts, 'pass'],
    ['passes: the flow works', () => changed(own, { reachability: valueOf(healthy, 'reachability') }), 'pass'],
    [
      'passes: the packets were seen on the other node',
      () => {
        const { encapsulation, places } = valueOf(facts, 'path-capture');
        return changed(holding('links@source', 'eth0', destination.address), {
          'path-capture': { encapsulation, places: places.map((place) => ({ ...place, requests: ['a'] })) },
        });
      },
      'pass',
    ],
    ['inconclusive: the kernel could not be asked', () => rerouted(blind(own, ['links@target'])), 'inconclusive'],
    [
      'inconclusive: the way on one of the nodes is not known',
      () => blind(holding('links@source', 'eth0', destination.address), ['links@source']),
      'inconclusive',
    ],
    [
      'does not apply between nodes',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(own, {
          flow: { ...flow, source: { ...source, interface: null }, destination: { ...destination, interface: null } },
        });
      },
      'not-applicable',
    ],
  ],
});
