import { podGatewaySilent as rule } from '../../../src/rules/endpoint/pod-gateway-silent.ts';
import { blind, changed, valueOf } from '../../support/facts.ts';
import { withPodNetwork, withSaved, withSetting } from '../../support/network-facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { policy } from '../../support/ways.ts';
import {
  base,
  flow,
  byCard,
  ways,
  healthy,
  unreachable,
  prohibited,
  entry,
  silent,
  beside,
  unasked,
  own,
  clients,
} from './gateway-given.ts';

testRule(rule, {
  lab: 'gateway-silent',
  rows: [
    [
      'fails where proxy ARP is off and the pod asks in vain',
      () => silent('FAILED'),
      [
        {
          finding: `proxyArp Interface ${own} @n1 read stops`,
          data: { sends: 'answers', entry: 'FAILED', saved: '' },
          lacks: [`interface:n1/${own}`, 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails for an interface that another plugin named',
      () => {
        const { interfaces } = valueOf(silent('FAILED'), 'interface-settings@target');
        const named = interfaces.map((one) => (one.name === own ? { ...one, name: 'eni1' } : one));
        const settings = { ...valueOf(silent('FAILED'), 'interface-settings@target'), interfaces: named };
        const facts = changed(silent('FAILED'), { 'interface-settings@target': settings });
        return withPodNetwork(facts, 'pod-network', { hostInterface: 'eni1' });
      },
      [
        {
          finding: 'proxyArp Interface eni1 @n1 read stops',
          data: { interface: 'eni1' },
          lacks: ['interface:n1/eni1', 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails where proxy ARP is off and the pod has not asked yet',
      () => silent(null),
      [{ finding: `proxyArp Interface ${own} @n1 read stops`, data: { entry: 'not there' } }],
    ],
    ['inconclusive: the pod still knows its gateway, and does not ask', () => silent('STALE'), 'inconclusive'],
    ['passes where somebody wrote the gateway into the pod', () => silent('PERMANENT'), 'pass'],
    [
      'passes where the flow works: another program may answer',
      () =>
        changed(silent(null), {
          reachability: {
            attempts: valueOf(base, 'reachability').attempts.map((one) => ({ ...one, answer: 'reply' as const })),
          },
        }),
      'pass',
    ],
    [
      'names the file that turns it off',
      () => withSaved(silent('FAILED'), 'target', '/etc/sysctl.d/9.conf', 'net.ipv4.conf.cali*.proxy_arp = 0'),
      [
        {
          finding: `proxyArp Interface ${own} @n1 read stops`,
          data: { saved: ' /etc/sysctl.d/9.conf turns it off when the node starts.' },
        },
      ],
    ],
    [
      'fails where the node of the client does not answer it',
      () => entry(withSetting(healthy, 'source', clients, { proxyArp: false }), 'source-pod-network', 'INCOMPLETE'),
      [{ finding: `proxyArp Interface ${clients} @n2 read stops`, data: { sends: 'requests' } }],
    ],
    [
      'fails where the node has no route for the gateway',
      () => entry(changed(healthy, ways(unreachable)), 'pod-network', 'FAILED'),
      [{ finding: `noRoute Interface ${own} @n1 read stops`, data: { way: 'Network is unreachable' } }],
    ],
    [
      'fails where a routing rule prohibits what the pod sends, which takes its replies, too',
      () => entry(changed(healthy, ways(prohibited)), 'pod-network', 'FAILED'),
      [
        {
          finding: `noRoute Interface ${own} @n1 read stops`,
          lacks: [
            `interface:n1/${own}`,
            `forwarding:n1/${own}`,
            `returnRoute:n1/${flow.destination.address}`,
            'way:n1/reply-target-egress',
            'nodeNetworking:n1',
          ],
        },
      ],
    ],
    [
      'fails where the route for the gateway leads back to the pod',
      () => entry(changed(healthy, ways({ ...byCard, device: own })), 'pod-network', 'FAILED'),
      [{ finding: `noRoute Interface ${own} @n1 read stops`, data: { way: `it leaves by ${own}` } }],
    ],
    [
      'with neither route nor proxy ARP, tells both, without the button: alone the key does not help',
      () => changed(silent('FAILED'), ways(unreachable)),
      [
        {
          finding: `noRoute Interface ${own} @n1 read stops`,
          lacks: [
            `interface:n1/${own}`,
            `forwarding:n1/${own}`,
            `returnRoute:n1/${flow.destination.address}`,
            'way:n1/reply-target-egress',
            'nodeNetworking:n1',
          ],
        },
        {
          finding: `proxyArp Interface ${own} @n1 read stops`,
          lacks: [`interface:n1/${own}`, 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'with neither forwarding nor proxy ARP, tells both, and lacks no forwarding for proxy ARP',
      () => withSetting(silent('FAILED'), 'target', own, { forwarding: false }),
      [
        `notForwarding Interface ${own} @n1 read stops`,
        {
          finding: `proxyArp Interface ${own} @n1 read stops`,
          lacks: [`interface:n1/${own}`, 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'lacks forwarding where that is off: a node does not answer for others then',
      () =>
        entry(
          changed(
            withSetting(healthy, 'target', own, { forwarding: false }),
            ways({ ...unreachable, error: 'no-route-to-host' }),
          ),
          'pod-network',
          'FAILED',
        ),
      [
        {
          finding: `notForwarding Interface ${own} @n1 read stops`,
          lacks: [
            `interface:n1/${own}`,
            `forwarding:n1/${own}`,
            `returnRoute:n1/${flow.destination.address}`,
            'nodeNetworking:n1',
          ],
        },
      ],
    ],
    [
      'fails for the route where the node neither has one nor forwards, and lacks no forwarding',
      () =>
        entry(
          changed(withSetting(healthy, 'target', own, { forwarding: false }), {
            ...ways({ ...unreachable, error: 'no-route-to-host' }),
            'routes@target': valueOf(healthy, 'routes@target').filter(({ destination }) => destination !== '0.0.0.0/0'),
            'routing@target': policy(),
          }),
          'pod-network',
          'FAILED',
        ),
      [
        {
          finding: `noRoute Interface ${own} @n1 read stops`,
          lacks: [`interface:n1/${own}`, 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails where the pod asks for the other end itself, in vain, as one with a wrong network mask does',
      () => beside('INCOMPLETE', withSetting(healthy, 'target', own, { proxyArp: false })),
      [
        {
          finding: `proxyArpAsked Interface ${own} @n1 read stops`,
          data: { asked: flow.source.address, entry: 'INCOMPLETE' },
          lacks: [`interface:n1/${own}`, 'nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails where it has not asked yet',
      () => beside(null, withSetting(healthy, 'target', own, { proxyArp: false })),
      [{ finding: `proxyArpAsked Interface ${own} @n1 read stops`, data: { entry: 'not there' } }],
    ],
    [
      'inconclusive: the pod asks for its own node, which answers for itself',
      () =>
        changed(beside('FAILED', withSetting(healthy, 'target', own, { proxyArp: false })), {
          flow: { ...flow, source: { ...flow.source, kind: 'node', node: flow.destination.node } },
        }),
      'inconclusive',
    ],
    [
      'inconclusive: the pod asks for the other end itself, and the node is set to answer',
      () => beside('INCOMPLETE', healthy),
      'inconclusive',
    ],
    ['passes where the pod knows the other end itself', () => beside('REACHABLE', silent(null)), 'pass'],
    [
      'passes for a pod that sends by another interface: the node of this one need not answer',
      () => withPodNetwork(beside('FAILED', silent(null)), 'pod-network', { ownInterface: 'eth1' }),
      'pass',
    ],
    ['passes where both nodes answer', () => healthy, 'pass'],
    ['passes where both nodes would answer', () => unasked, 'pass'],
    [
      'passes where proxy ARP is on for every interface',
      () => entry(withSetting(silent(null), 'target', 'all', { proxyArp: true }), 'pod-network', 'REACHABLE'),
      'pass',
    ],
    [
      'passes for a pod that has no route: it asks for no gateway',
      () => withPodNetwork(silent(null), 'pod-network', { way: unreachable }),
      'pass',
    ],
    [
      'inconclusive: the pod asks in vain, and the node is set to answer',
      () => entry(healthy, 'pod-network', 'FAILED'),
      'inconclusive',
    ],
    [
      "inconclusive: the gateway is not Calico's",
      () => withPodNetwork(healthy, 'pod-network', { way: { ...byCard, gateway: '10.244.1.1' } }),
      'inconclusive',
    ],
    [
      'does not apply where neither end is a pod with a network of its own',
      () => blind(healthy, ['pod-network', 'source-pod-network'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'judges the pod alone where the client is a node',
      () => blind(silent('FAILED'), ['source-pod-network'], 'not-applicable'),
      [`proxyArp Interface ${own} @n1 read stops`],
    ],
    ['inconclusive: the pod was not read', () => blind(healthy, ['pod-network']), 'inconclusive'],
    ['inconclusive: the client was not read', () => blind(healthy, ['source-pod-network']), 'inconclusive'],
    ['inconclusive: the settings were not read', () => blind(unasked, ['interface-settings@target']), 'inconclusive'],
    [
      "inconclusive: the settings of the client's node were not read",
      () => blind(unasked, ['interface-settings@source']),
      'inconclusive',
    ],
    [
      'inconclusive: the kernel did not say which way it takes',
      () => changed(unasked, ways({ kind: 'unavailable', code: 'timeout', reason: 'no answer' })),
      'inconclusive',
    ],
    ['inconclusive: no kernel was asked', () => blind(healthy, ['kernel-ways']), 'inconclusive'],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
  ],
});
