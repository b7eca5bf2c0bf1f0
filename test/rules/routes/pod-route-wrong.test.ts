import { hostInterfaceName } from '../../../src/calico/endpoint-names.ts';
import type { Route } from '../../../src/model/network.ts';
import { podRouteWrong as rule } from '../../../src/rules/routes/pod-route-wrong.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { withTwins } from '../../support/twins.ts';
import { lost, policy, rerouted } from '../../support/ways.ts';

const healthy = await captured('healthy-legacy');
const facts = rerouted(lost(healthy));
const { source, destination } = valueOf(facts, 'flow');
const leading = (key: 'routes@target' | 'routes@source', address: string, change: Partial<Route>, of: Facts = facts) =>
  rerouted(of, {
    [key]: valueOf(of, key).map((route) => (route.destination === `${address}/32` ? { ...route, ...change } : route)),
  });
const stale = leading('routes@target', destination.address, { device: 'caliold' });
const beside = rerouted(lost(withTwins(healthy, 'healthy-legacy', [{ name: 'beside' }])));
const twin = hostInterfaceName('default', 'beside');
const wrong = `wrong Route ${destination.address}/32 @n1 read stops`;

testRule(rule, {
  lab: 'pod-route-wrong',
  rows: [
    [
      'fails: an interface that a pod before it left',
      () => stale,
      [
        {
          finding: wrong,
          data: { device: 'caliold', interface: destination.interface ?? '', pod: 'default/mypod', twinRoute: '' },
          lacks: [`soleAddress:n1/${destination.address}`],
          withholds: ['way:n1/target-ingress', `returnRoute:n1/${destination.address}`],
        },
      ],
    ],
    [
      'fails, and names a pod of the node whose route is right',
      () => leading('routes@target', destination.address, { device: 'caliold' }, beside),
      [
        {
          finding: wrong,
          data: { twinRoute: ` The route to pod default/beside leads to the interface of that pod, ${twin}.` },
        },
      ],
    ],
    [
      'fails, and names no pod whose route leads elsewhere, too',
      () =>
        leading(
          'routes@target',
          '10.244.1.50',
          { device: 'caliold' },
          leading('routes@target', destination.address, { device: 'caliold' }, beside),
        ),
      [{ finding: wrong, data: { twinRoute: '' } }],
    ],
    [
      'fails: by way of another host',
      () => leading('routes@target', destination.address, { device: 'eth0', gateway: '10.250.0.99' }),
      [wrong],
    ],
    [
      'fails: back to the node that sent it',
      () => leading('routes@target', destination.address, { device: 'tunl0', gateway: source.nodeAddress }),
      [
        {
          finding: wrong,
          data: {
            loop: ' n2 sends them here again by "10.244.1.0/26 via 10.250.0.11 dev tunl0 proto bird", so they go round.',
          },
        },
      ],
    ],
    [
      "fails: the source's own, on which the reply would come",
      () => leading('routes@source', source.address, { device: 'caliold' }),
      [
        {
          finding: `wrong Route ${source.address}/32 @n2 read stops`,
          data: { pod: 'default/client' },
          withholds: ['way:n2/reply-source-ingress', `returnRoute:n2/${source.address}`],
        },
      ],
    ],
    [
      'fails: within one node',
      () => {
        const flow = valueOf(facts, 'flow');
        const same = { ...flow.source, node: 'n1', address: '10.244.1.77', interface: 'eth0' };
        return rerouted(stale, { flow: { ...flow, source: same } });
      },
      [{ finding: wrong, withholds: ['way:n1/same-node', `returnRoute:n1/${destination.address}`] }],
    ],
    [
      'fails, and stops nothing yet: the node has the address itself, and behind that the route is wrong',
      () => ownAddress(stale),
      [
        {
          finding: `wrong Route ${destination.address}/32 @n1 read`,
          data: { device: 'caliold', interface: destination.interface ?? '' },
        },
      ],
    ],
    [
      'fails, and stops nothing yet: a routing rule leads elsewhere, and behind that the route is wrong',
      () => rerouted(stale, { 'routing@target': policy(['9:\tfrom all lookup 52'], { 52: [{ device: 'vpn0' }] }) }),
      [
        {
          finding: `wrong Route ${destination.address}/32 @n1 read`,
          data: { loop: ' No packet comes to this route yet: the table 52 takes it before.' },
        },
      ],
    ],
    [
      'fails, and stops nothing yet: the reverse path filter takes the packet first, and behind it the route is wrong',
      () => filtered(stale),
      [
        {
          finding: `wrong Route ${destination.address}/32 @n1 read`,
          data: {
            device: 'caliold',
            interface: destination.interface ?? '',
            loop: ' No packet comes to this route yet: the kernel refuses it before, and says "Invalid argument".',
          },
        },
      ],
    ],
    ['passes: the reverse path filter takes the packet, and the route is right', () => filtered(facts), 'pass'],
    ['passes: the node has the address itself, and the route is right', () => ownAddress(facts), 'pass'],
    [
      'inconclusive: the node has the address itself, and its routes were not read',
      () => blind(ownAddress(stale), ['routes@target']),
      'inconclusive',
    ],
    ['passes: each by its own interface', () => facts, 'pass'],
    ['passes: the flow works', () => changed(stale, { reachability: valueOf(healthy, 'reachability') }), 'pass'],
    [
      'passes: the /32 is gone, which is another cause',
      () =>
        rerouted(facts, {
          'routes@target': valueOf(facts, 'routes@target').filter(
            ({ destination: to }) => to !== `${destination.address}/32`,
          ),
        }),
      'pass',
    ],
    [
      'passes: a routing rule leads there, and the route itself is right',
      () => rerouted(facts, { 'routing@target': policy(['9:	from all lookup 52'], { 52: [{ device: 'vpn0' }] }) }),
      'pass',
    ],
    [
      'inconclusive: the node has no interface of the name, so that none can be called wrong, nor asked for',
      () =>
        rerouted(stale, {
          'links@target': valueOf(facts, 'links@target').filter(({ name }) => name !== destination.interface),
        }),
      'inconclusive',
    ],
    [
      "the interface is the endpoint's, where that has another name than the usual",
      () => changed(stale, { endpoint: withInterface('eth0') }),
      [{ finding: wrong, data: { interface: 'eth0' } }],
    ],
    ['inconclusive: the kernel could not be asked', () => rerouted(blind(stale, ['links@target'])), 'inconclusive'],
    [
      'does not apply between nodes',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(stale, {
          flow: {
            ...flow,
            source: { ...source, interface: null },
            destination: { ...destination, interface: null },
          },
        });
      },
      'not-applicable',
    ],
  ],
});

/** The node has the pod's address on an interface of its own. */
function ownAddress(of: Facts): Facts {
  const links = valueOf(of, 'links@target');
  const [first] = links;
  if (!first) throw new Error('the node has no interface');
  const holder = { ...first, name: 'spare0', addresses: [{ address: destination.address, prefixLength: 32 }] };
  return rerouted(of, { 'links@target': [...links, holder] });
}

/** The node's kernel does not take the packet by the interface at which it comes in. */
function filtered(of: Facts): Facts {
  return changed(of, {
    'kernel-ways': valueOf(of, 'kernel-ways').map((way) =>
      way.of === 'target-ingress'
        ? { ...way, answer: { kind: 'refused', error: 'invalid-argument', words: 'Invalid argument' } }
        : way,
    ),
  });
}

function withInterface(interfaceName: string) {
  const endpoint = valueOf(facts, 'endpoint');
  return endpoint && { ...endpoint, spec: { ...endpoint.spec, interfaceName } };
}
