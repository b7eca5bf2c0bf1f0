import { expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import { reversePathFiltered as rule } from '../../../src/rules/filter/reverse-path-filtered.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import type { KernelWay, RouteError, WayAnswer, WayOf } from '../../../src/model/kernel-way.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { withSaved, withSetting, withSettings } from '../../support/network-facts.ts';
import { testRule } from '../../support/rule-tester.ts';
import { policy, route } from '../../support/ways.ts';

const base = failing(withSettings(await captured('healthy-legacy')));
const working = valueOf(await captured('healthy-legacy'), 'reachability');
const flow = valueOf(base, 'flow');
const [own, clients] = [flow.destination.interface ?? '', flow.source.interface ?? ''];
const [podAddress, clientAddress] = [flow.destination.address, flow.source.address];
const taken: WayAnswer = {
  kind: 'route',
  type: 'unicast',
  device: 'tunl0',
  gateway: null,
  table: 'main',
  preferredSource: null,
};
const refused = (error: RouteError): WayAnswer => ({ kind: 'refused', error, words: 'Invalid argument' });
const ways = (over: Partial<Record<WayOf, WayAnswer>>): readonly KernelWay[] =>
  (
    [
      ['source-egress', 'n2', clients, podAddress, clientAddress],
      ['target-ingress', 'n1', 'tunl0', podAddress, clientAddress],
      ['reply-target-egress', 'n1', own, clientAddress, podAddress],
      ['reply-source-ingress', 'n2', 'tunl0', clientAddress, podAddress],
    ] as const
  ).map(([of, node, inInterface, destination, source]) => ({
    of,
    node,
    inInterface,
    destination,
    source,
    mark: 0,
    answer: over[of] ?? taken,
    doubt: null,
    evidence: [],
  }));
const healthy = changed(base, { 'kernel-ways': ways({}) });
const asked = (over: Partial<Record<WayOf, WayAnswer>>) => changed(healthy, { 'kernel-ways': ways(over) });
/** The pod's node answers the client by its network interface. */
const past = route({ destination: `${clientAddress}/32`, device: 'eth0', gateway: '10.250.0.12' });
const diverted = changed(asked({ 'target-ingress': refused('invalid-argument') }), {
  'routes@target': [past, ...valueOf(healthy, 'routes@target')],
});
const blackholed = (facts: Facts) =>
  changed(facts, {
    'routes@target': valueOf(facts, 'routes@target').map((one) =>
      one.destination === `${podAddress}/32` ? { ...one, type: 'blackhole' as const, device: null } : one,
    ),
  });
const vpnRule = '5270:	from all lookup 52';
const vpn = { 52: [{ device: 'vpn0' }] };
const strict = (facts: Facts, name = 'tunl0', mode = 1) => withSetting(facts, 'target', name, { reversePath: mode });
const client = '203.0.113.7';
const outside = strict(
  changed(base, {
    flow: { ...flow, source: outsideEnd(client) },
    'client-entry': { interface: 'eth0' },
    'kernel-ways': ways({ 'target-ingress': refused('cross-device') }).map((way) =>
      way.of === 'target-ingress' ? { ...way, inInterface: 'eth0', source: client } : way,
    ),
    'routes@target': [
      { ...past, destination: `${client}/32`, device: 'vpn0', gateway: null },
      ...valueOf(base, 'routes@target'),
    ],
  }),
  'eth0',
);
const withoutPodRoute = changed(asked({ 'reply-target-egress': refused('cross-device') }), {
  'routes@target': valueOf(healthy, 'routes@target').filter(({ destination }) => destination !== `${podAddress}/32`),
});
const withPodRouteAstray = changed(asked({ 'reply-target-egress': refused('cross-device') }), {
  'routes@target': valueOf(healthy, 'routes@target').map((one) =>
    one.destination === `${podAddress}/32` ? { ...one, device: 'caliold' } : one,
  ),
});
const byRule = (text: string) =>
  withWalk(
    healthy,
    droppedBy(
      leg(healthy, 'source-egress'),
      { kind: 'calico-static', name: 'cali-PREROUTING' },
      { table: 'raw', chain: 'cali-PREROUTING', text },
    ),
  );

const ofIpv6 = {
  ...flow,
  source: { ...flow.source, address: 'fd00:10:244:2::7' },
  destination: { ...flow.destination, address: 'fd00:10:244:1::5' },
};

test("Calico's own rule checks packets of IPv6, too, and no setting of the kernel is advised", async () => {
  const text = '-A cali-PREROUTING -m mark --mark 0x80000/0x80000 -m rpfilter --validmark --invert -j DROP';
  const [finding] = findingsOf(await evaluated(rule, changed(byRule(text), { flow: ofIpv6 })));
  if (!finding) throw new Error('nothing was found');
  expect(toFinding({ rule, finding }, undefined, 6).advice?.commands).toEqual([
    `ip -6 route get ${ofIpv6.source.address}   # must leave by the interface at which its packets come in`,
  ]);
});

testRule(rule, {
  lab: 'reverse-path-strict',
  rows: [
    [
      'fails where the kernel refuses what comes out of the tunnel, and answers by another interface',
      () => strict(diverted),
      [
        {
          finding: 'kernel Interface tunl0 @n1 read stops',
          data: { mode: 'strict', own: '1', all: '0', source: clientAddress, words: 'Invalid argument', saved: '' },
          lacks: [`returnRoute:n1/${clientAddress}`],
        },
      ],
    ],
    [
      'fails where a client outside was seen to come in by another interface than the way back',
      () => outside,
      [{ finding: 'kernel Interface eth0 @n1 read stops', data: { source: client, back: `${client}/32 dev vpn0` } }],
    ],
    [
      'the filter of all counts where it is the greater one',
      () => strict(diverted, 'all', 2),
      [{ finding: 'kernel Interface tunl0 @n1 read stops', data: { mode: 'loose', own: '0', all: '2' } }],
    ],
    [
      'names the file that sets it',
      () => withSaved(strict(diverted), 'target', '/etc/sysctl.d/9.conf', 'net.ipv4.conf.all.rp_filter = 1'),
      [
        {
          finding: 'kernel Interface tunl0 @n1 read stops',
          data: { saved: ' /etc/sysctl.d/9.conf sets it when the node starts.' },
        },
      ],
    ],
    [
      "lacks the pod's route where that is what leads the answers elsewhere",
      () => strict(withoutPodRoute, own),
      [{ finding: `kernel Interface ${own} @n1 read stops`, lacks: [`returnRoute:n1/${podAddress}`] }],
    ],
    [
      "lacks it also where the pod's route leads to another interface",
      () => strict(withPodRouteAstray, own),
      [
        {
          finding: `kernel Interface ${own} @n1 read stops`,
          data: { back: `${podAddress}/32 dev caliold` },
          lacks: [`returnRoute:n1/${podAddress}`],
        },
      ],
    ],
    [
      "fails where Calico's own rule drops the client's packets",
      () => byRule('-A cali-PREROUTING -m mark --mark 0x80000/0x80000 -m rpfilter --validmark --invert -j DROP'),
      [{ finding: 'calico Rule raw cali-PREROUTING 3 @n2 inferred stops', data: { source: clientAddress } }],
    ],
    [
      'the same rule in nftables',
      () => byRule('meta mark & 0x00080000 == 0x00080000 fib saddr . mark . iif oif 0 counter drop'),
      ['calico Rule raw cali-PREROUTING 3 @n2 inferred stops'],
    ],
    [
      'passes where the flow works: the kernel was asked about another packet than those that it let in',
      () => changed(strict(diverted), { reachability: working }),
      'pass',
    ],
    ['passes where the kernels take every packet', () => healthy, 'pass'],
    [
      'passes: the kernel has no such filter of IPv6, and a refusal there has another cause',
      () => changed(strict(diverted), { flow: ofIpv6 }),
      'pass',
    ],
    [
      'fails, and stops nothing: behind a blackhole of the receiver, which is refused with the same words',
      () => strict(blackholed(diverted)),
      [
        {
          finding: 'behind Interface tunl0 @n1 read',
          data: { mode: 'strict', own: '1', all: '0', source: clientAddress },
          lacks: [`returnRoute:n1/${clientAddress}`],
        },
      ],
    ],
    [
      'inconclusive: a blackhole of the receiver, and the way back is right',
      () => strict(blackholed(asked({ 'target-ingress': refused('invalid-argument') }))),
      'inconclusive',
    ],
    [
      'inconclusive: a blackhole of the receiver, and a loose filter, which any way back satisfies',
      () => strict(blackholed(diverted), 'all', 2),
      'inconclusive',
    ],
    [
      "fails where a rule of the pod's node leads the way back elsewhere, and lacks it",
      () =>
        strict(
          changed(asked({ 'target-ingress': refused('cross-device') }), { 'routing@target': policy([vpnRule], vpn) }),
        ),
      [
        {
          finding: 'kernel Interface tunl0 @n1 read stops',
          data: { back: '0.0.0.0/0 dev vpn0 table 52' },
          lacks: [`returnRoute:n1/${clientAddress}`],
        },
      ],
    ],
    [
      "fails where a rule of the client's node does",
      () =>
        withSetting(
          changed(asked({ 'reply-source-ingress': refused('cross-device') }), {
            'routing@source': policy([vpnRule], vpn),
          }),
          'source',
          'tunl0',
          { reversePath: 1 },
        ),
      [{ finding: 'kernel Interface tunl0 @n2 read stops', data: { back: '0.0.0.0/0 dev vpn0 table 52' } }],
    ],
    [
      'the rule is not why, where the main table leads it elsewhere, too: it lacks nothing',
      () => strict(changed(diverted, { 'routing@target': policy([vpnRule], vpn) })),
      [
        {
          finding: 'kernel Interface tunl0 @n1 read stops',
          data: { back: '0.0.0.0/0 dev vpn0 table 52' },
          lacks: [],
        },
      ],
    ],
    [
      'passes where forwarding is off: another error, and another cause',
      () => strict(asked({ 'target-ingress': refused('no-route-to-host') })),
      'pass',
    ],
    ['inconclusive: no filter is on, and the kernel refuses', () => diverted, 'inconclusive'],
    [
      'inconclusive: the way back is right, and the kernel refuses',
      () => strict(asked({ 'target-ingress': refused('invalid-argument') })),
      'inconclusive',
    ],
    [
      'inconclusive: the settings were not read, and the kernel refuses',
      () => blind(diverted, ['interface-settings@target']),
      'inconclusive',
    ],
    [
      "inconclusive: the settings of the client's node were not read, and its kernel refuses",
      () => blind(asked({ 'source-egress': refused('invalid-argument') }), ['interface-settings@source']),
      'inconclusive',
    ],
    [
      'inconclusive: the kernel did not answer',
      () => asked({ 'source-egress': { kind: 'unavailable', code: 'timeout', reason: 'no answer' } }),
      'inconclusive',
    ],
    ['inconclusive: no kernel was asked', () => blind(healthy, ['kernel-ways']), 'inconclusive'],
    ["inconclusive: the client's routes were not read", () => blind(healthy, ['routes@source']), 'inconclusive'],
    ["inconclusive: the client's links were not read", () => blind(healthy, ['links@source']), 'inconclusive'],
    ["inconclusive: the pod's routes were not read", () => blind(healthy, ['routes@target']), 'inconclusive'],
    ['what is not denied is not known', () => blind(healthy, ['walks']), 'inconclusive'],
    [
      'fails also where it is not known whether the flow works',
      () => blind(strict(diverted), ['reachability']),
      ['kernel Interface tunl0 @n1 read stops'],
    ],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
    [
      'does not apply between a node and a pod of its own network',
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
  ],
});
