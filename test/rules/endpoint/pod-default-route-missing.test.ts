import { podDefaultRouteMissing as rule } from '../../../src/rules/endpoint/pod-default-route-missing.ts';
import type { WayAnswer } from '../../../src/model/kernel-way.ts';
import type { Area, Passage } from '../../../src/model/passage.ts';
import { blind, captured, changed, failing, valueOf } from '../../support/facts.ts';
import { withPodNetwork, withPodNetworks } from '../../support/network-facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const healthy = failing(withPodNetworks(await captured('healthy-legacy')));
const works = withPodNetworks(await captured('healthy-legacy'));
const flow = valueOf(healthy, 'flow');
const own = flow.destination.interface ?? '';
const way: WayAnswer = { kind: 'refused', error: 'network-unreachable', words: 'Network is unreachable' };
const elsewhere: WayAnswer = {
  kind: 'route',
  type: 'unicast',
  device: 'net1',
  gateway: '192.168.5.1',
  table: 'main',
  preferredSource: null,
};
const { links } = valueOf(healthy, 'pod-network');
const stoppedIn = (area: Area): Passage => ({
  marks: [],
  between: [],
  stop: { lastSeen: 0, missing: 1, direction: 'request', areas: [area] },
});

testRule(rule, {
  lab: 'pod-routes-lost',
  rows: [
    [
      'fails where the pod has no routes',
      () => withPodNetwork(healthy, 'pod-network', { routes: [], way }),
      [
        {
          finding: 'routeless Pod default/mypod @n1 read stops',
          data: {
            words: 'Network is unreachable',
            netns: 'cni-1',
            device: 'eth0',
            peer: flow.source.address,
            twinNetwork:
              ` Pod default/client has its address ${flow.source.address} on eth0, and the routes: ` +
              'default via 169.254.1.1 dev eth0; 169.254.1.1 dev eth0 scope link.',
          },
          lacks: [`interface:n1/${own}`],
        },
      ],
    ],
    [
      'lacks the interface by the name that another plugin gave it',
      () => withPodNetwork(healthy, 'pod-network', { routes: [], way, hostInterface: 'eni1' }),
      [{ finding: 'routeless Pod default/mypod @n1 read stops', lacks: ['interface:n1/eni1'] }],
    ],
    [
      'fails where the default route alone is lost',
      () => withPodNetwork(healthy, 'pod-network', { routes: ['169.254.1.1 dev eth0 scope link'], way }),
      [
        {
          finding: 'unroutable Pod default/mypod @n1 read stops',
          data: { routes: '169.254.1.1 dev eth0 scope link' },
        },
      ],
    ],
    [
      'fails where a routing rule of the pod refuses what its main table leads there',
      () => withPodNetwork(healthy, 'pod-network', { way, rules: ['32765: from 10.244.1.5 lookup 100'] }),
      [
        {
          finding: 'ruled Pod default/mypod @n1 read stops',
          data: { rules: '32765: from 10.244.1.5 lookup 100', words: 'Network is unreachable' },
        },
      ],
    ],
    ...([[], undefined] as const).map((rules, at): RuleRow => [
      `fails where it refuses that, and no rule of its own is known (${at + 1})`,
      () => withPodNetwork(healthy, 'pod-network', { way, ...(rules ? { rules } : {}) }),
      ['unroutable Pod default/mypod @n1 read stops'],
    ]),
    [
      'fails where a rule of the pod stands beside a main table that has no route',
      () =>
        withPodNetwork(healthy, 'pod-network', {
          way,
          rules: ['32765: from 10.244.1.5 lookup 100'],
          routes: ['169.254.1.1 dev eth0 scope link', 'default via 169.254.1.1 dev eth0 dead linkdown'],
        }),
      ['unroutable Pod default/mypod @n1 read stops'],
    ],
    [
      'fails where the client has no routes',
      () => withPodNetwork(healthy, 'source-pod-network', { routes: [], way }),
      [{ finding: 'routeless Pod default/client @n2 read stops', data: { peer: flow.destination.address } }],
    ],
    [
      'fails where the pod does not have its address',
      () => withPodNetwork(healthy, 'pod-network', { links: links.map((link) => ({ ...link, addresses: [] })) }),
      [{ finding: 'addressless Pod default/mypod @n1 read stops', data: { addresses: 'no address' } }],
    ],
    ...[
      { keeper: 'lo', more: { addresses: [{ address: flow.source.address, prefixLength: 32 }] } },
      { keeper: 'lo', more: {} },
    ].map(({ keeper, more }, at): RuleRow => [
      `fails where the pod has the address of the other end itself (${at + 1})`,
      () =>
        withPodNetwork(healthy, 'pod-network', {
          way: { ...elsewhere, type: 'local', device: 'lo' },
          links: [...links, { ...links[0]!, name: 'lo', index: 1, addresses: [], ...more }],
        }),
      [{ finding: 'peerAddress Pod default/mypod @n1 read stops', data: { by: keeper, peer: flow.source.address } }],
    ]),
    [
      'passes where the flow works: a sandbox with a stack of its own shows nothing in the namespace',
      () => withPodNetwork(works, 'pod-network', { routes: [], way }),
      'pass',
    ],
    ['passes where both pods have their routes', () => healthy, 'pass'],
    [
      'fails where the answers leave by another interface of the pod',
      () => withPodNetwork(healthy, 'pod-network', { way: elsewhere }),
      [
        {
          finding: 'otherInterface Pod default/mypod @n1 read stops',
          data: { by: 'net1', device: 'eth0', peer: flow.source.address },
        },
      ],
    ],
    [
      'fails where the requests leave by another interface of the client, such as that of its VPN',
      () =>
        changed(
          withPodNetwork(healthy, 'source-pod-network', { way: { ...elsewhere, device: 'tun0', gateway: null } }),
          {
            passage: stoppedIn('source-pod'),
          },
        ),
      [{ finding: 'otherInterface Pod default/client @n2 read stops', data: { by: 'tun0' } }],
    ],
    [
      'does not stop the flow where captures show that it stops before the pod',
      () =>
        changed(withPodNetwork(healthy, 'pod-network', { way: elsewhere }), {
          passage: stoppedIn('underlay'),
        }),
      ['otherInterface Pod default/mypod @n1 read'],
    ],
    [
      'passes where the flow works by another interface of the pod',
      () => withPodNetwork(works, 'pod-network', { way: elsewhere }),
      'pass',
    ],
    ...[
      { at: 'a blackhole', route: `blackhole ${flow.source.address}/32`, words: 'Invalid argument' },
      { at: 'a net that is unreachable', route: 'unreachable 10.244.0.0/16', words: 'No route to host' },
      { at: 'all but its gateway', route: 'prohibit default', words: 'Permission denied' },
    ].map(({ at, route, words }): RuleRow => [
      `fails where a route of the pod ends the answers: ${at}`,
      () =>
        withPodNetwork(healthy, 'pod-network', {
          routes: [
            ...(route.endsWith('default') ? [] : ['default via 169.254.1.1 dev eth0']),
            'blackhole 192.0.2.0/24',
            route,
            '169.254.1.1 dev eth0 scope link',
          ],
          way: { ...way, words },
        }),
      [{ finding: 'ended Pod default/mypod @n1 read stops', data: { ending: route, words } }],
    ]),
    [
      'inconclusive: the kernel of the pod did not say which way they take',
      () => withPodNetwork(healthy, 'pod-network', { way: { kind: 'unavailable', code: 'not-parsed', reason: '?' } }),
      'inconclusive',
    ],
    [
      'inconclusive: no interface of the pod leads to its node',
      () => withPodNetwork(healthy, 'pod-network', { ownInterface: null }),
      'inconclusive',
    ],
    [
      'does not apply where neither end is a pod with a network of its own',
      () => blind(healthy, ['pod-network', 'source-pod-network'], 'not-applicable'),
      'not-applicable',
    ],
    [
      'judges the pod alone where the client is a node',
      () =>
        blind(withPodNetwork(healthy, 'pod-network', { routes: [], way }), ['source-pod-network'], 'not-applicable'),
      ['routeless Pod default/mypod @n1 read stops'],
    ],
    ['inconclusive: the pod was not read', () => blind(healthy, ['pod-network']), 'inconclusive'],
    ['inconclusive: the client was not read', () => blind(healthy, ['source-pod-network']), 'inconclusive'],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
    [
      'says both ends where both have lost their routes',
      () =>
        withPodNetwork(withPodNetwork(healthy, 'pod-network', { routes: [], way }), 'source-pod-network', {
          routes: [],
          way,
        }),
      [
        { finding: 'routeless Pod default/client @n2 read stops', data: { twinNetwork: '' } },
        { finding: 'routeless Pod default/mypod @n1 read stops', data: { twinNetwork: '' } },
      ],
    ],
    [
      'an address on another interface of the pod is its own, too',
      () =>
        changed(
          withPodNetwork(healthy, 'pod-network', {
            links: [
              ...links.map((link) => ({ ...link, addresses: [] })),
              { ...links[0]!, name: 'lo', index: 1, addresses: links[0]!.addresses },
            ],
          }),
          {},
        ),
      'pass',
    ],
  ],
});
