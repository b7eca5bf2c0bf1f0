import { ipForwardDisabled as rule } from '../../../src/rules/routes/ip-forward-disabled.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { withSaved, withSetting, withSettings } from '../../support/network-facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { sightingAt } from '../../support/sightings.ts';
import { policy, rerouted } from '../../support/ways.ts';

const healthy = withSettings(await captured('healthy-legacy'));
const flow = valueOf(healthy, 'flow');
const own = flow.destination.interface ?? '';
const clients = flow.source.interface ?? '';
const off = { forwarding: false };
const wholeNode = (facts: Facts) =>
  ['all', own, 'tunl0'].reduce((before, name) => withSetting(before, 'target', name, off), facts);
/** Between the nodes packets travel as they are. */
const unencapsulated = rerouted(healthy, {
  'routes@target': valueOf(healthy, 'routes@target').map((one) =>
    one.device === 'tunl0' ? { ...one, device: 'eth0' } : one,
  ),
  'routes@source': valueOf(healthy, 'routes@source').map((one) =>
    one.device === 'tunl0' ? { ...one, device: 'eth0' } : one,
  ),
});

/** To the pod without the tunnel, though the main table says otherwise. */
const pastTunnel = rerouted(healthy, {
  'routing@source': policy([`9:	from all to ${flow.destination.address} lookup 52`], {
    52: [{ device: 'eth0', gateway: flow.destination.nodeAddress }],
  }),
});
const pastOff = withSetting(pastTunnel, 'target', 'tunl0', off);
const otherCni = withSettings(
  changed(healthy, {
    'links@target': valueOf(healthy, 'links@target').map((link) =>
      link.name === own ? { ...link, name: 'eni1', kind: 'veth', hostRoutes: [flow.destination.address] } : link,
    ),
  }),
);

const outside = (what: string) =>
  changed(withSetting(healthy, 'target', 'eth0', off), {
    flow: { ...flow, source: outsideEnd('203.0.113.7') },
    sightings: { points: [sightingAt('target-card', what, { interface: 'eth0' })] },
  });

testRule(rule, {
  lab: 'forwarding-off',
  rows: [
    [
      "fails where the answers come in: the pod's own interface",
      () => withSetting(healthy, 'target', own, off),
      [
        {
          finding: `interface Interface ${own} @n1 read stops`,
          data: { packets: `The answers of ${flow.destination.address} come in`, saved: '' },
          withholds: [`forwarding:n1/${own}`],
          lacks: ['nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails where the packets of a client outside were seen to come in',
      () => outside('>'),
      [
        {
          finding: 'interface Interface eth0 @n1 read stops',
          data: { packets: 'Packets from 203.0.113.7 come in' },
        },
      ],
    ],
    ['inconclusive: no packet of the client outside was seen', () => outside(''), 'inconclusive'],
    [
      "fails where the packets come in: the tunnel's device on the pod's node",
      () => withSetting(healthy, 'target', 'tunl0', off),
      [
        {
          finding: 'interface Interface tunl0 @n1 read stops',
          data: { packets: `Packets from ${flow.source.address} come in` },
        },
      ],
    ],
    [
      "fails where the client's packets come in: the client's own interface",
      () => withSetting(healthy, 'source', clients, off),
      [`interface Interface ${clients} @n2 read stops`],
    ],
    [
      "fails where the answers come in on the client's node",
      () => withSetting(healthy, 'source', 'tunl0', off),
      ['interface Interface tunl0 @n2 read stops'],
    ],
    [
      'names the file that turns it off again',
      () =>
        withSaved(withSetting(healthy, 'target', own, off), 'target', '/etc/sysctl.d/9.conf', 'net.ipv4.ip_forward=0'),
      [
        {
          finding: `interface Interface ${own} @n1 read stops`,
          data: { saved: ' /etc/sysctl.d/9.conf turns it off when the node starts.' },
        },
      ],
    ],
    [
      'tells a node that forwards nothing once, and offers no button',
      () => wholeNode(healthy),
      [{ finding: 'node Node n1 @n1 read stops', withholds: ['forwarding:n1/tunl0', `forwarding:n1/${own}`] }],
    ],
    [
      'passes where ip_forward is 0 and every interface of the way forwards',
      () => withSetting(healthy, 'target', 'all', off),
      'pass',
    ],
    [
      'fails for a network interface, where packets travel as they are',
      () => withSetting(unencapsulated, 'target', 'eth0', off),
      ['interface Interface eth0 @n1 read stops'],
    ],
    [
      'fails where a routing rule of the other node leads past the tunnel',
      () => withSetting(pastTunnel, 'target', 'eth0', off),
      ['interface Interface eth0 @n1 read stops'],
    ],
    ['passes where the tunnel that a routing rule leads past does not forward', () => pastOff, 'pass'],
    [
      'fails by the main table where the kernel was not asked',
      () => blind(pastOff, ['kernel-ways']),
      ['interface Interface tunl0 @n1 read stops'],
    ],
    [
      "fails for another CNI plugin's interface of the pod",
      () => withSetting(otherCni, 'target', 'eni1', off),
      ['interface Interface eni1 @n1 read stops'],
    ],
    [
      'passes where an interface that is not on the way does not forward',
      () => withSetting(healthy, 'target', 'eth0', off),
      'pass',
    ],
    ['passes where everything forwards', () => healthy, 'pass'],
    ['passes where packets travel as they are, and everything forwards', () => unencapsulated, 'pass'],
    [
      'inconclusive: a router between the nodes knows by which interface they come in',
      () => {
        const routes = valueOf(unencapsulated, 'routes@source');
        return rerouted(withSetting(unencapsulated, 'target', 'eth0', off), {
          'routes@source': routes.map((one) => ({ ...one, gateway: one.gateway === null ? null : '10.250.7.1' })),
        });
      },
      'inconclusive',
    ],
    [
      'a node that sends itself forwards nothing: only the answers of the pod are forwarded',
      () =>
        withSetting(
          changed(healthy, { flow: { ...flow, source: { ...flow.source, kind: 'node', interface: null } } }),
          'source',
          'tunl0',
          off,
        ),
      'pass',
    ],
    [
      'does not apply between a pod of the host network and its node',
      () =>
        changed(healthy, {
          flow: {
            ...flow,
            source: { ...flow.source, kind: 'node', interface: null, node: 'n1' },
            destination: { ...flow.destination, interface: null },
          },
        }),
      'not-applicable',
    ],
    [
      "inconclusive: the settings of the pod's node were not read",
      () => blind(healthy, ['interface-settings@target']),
      'inconclusive',
    ],
    [
      "inconclusive: the settings of the client's node were not read",
      () => blind(healthy, ['interface-settings@source']),
      'inconclusive',
    ],
    ["inconclusive: the client's routes were not read", () => blind(healthy, ['routes@source']), 'inconclusive'],
    ["inconclusive: the pod's node was not read", () => blind(healthy, ['routes@target']), 'inconclusive'],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
  ],
});
