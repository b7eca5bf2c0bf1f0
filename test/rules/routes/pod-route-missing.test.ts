import { expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { observed } from '../../../src/model/evidence.ts';
import { podRouteMissing as rule } from '../../../src/rules/routes/pod-route-missing.ts';
import { blind, captured, changed, evaluated, valueOf } from '../../support/facts.ts';
import { policy, rerouted, route } from '../../support/ways.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const { address } = valueOf(facts, 'flow').destination;
const without = rerouted(facts, {
  'routes@target': valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`),
});
const again = ' n2 sends them here again by "10.244.1.0/26 via 10.250.0.11 dev tunl0 proto bird", so they go round.';
const block = valueOf(without, 'routes@target').find(({ type }) => type === 'blackhole')?.destination ?? '?';

testRule(rule, {
  lab: 'pod-route-missing',
  rows: [
    [
      'offers to restart Felix where Calico keeps its objects in etcd',
      () => changed(without, { 'datastore-kind': { kind: 'etcdv3' } }),
      [`missing Route ${address}/32 @n1 read stops`],
    ],
    [
      "fails: the block's blackhole takes the packet",
      () => without,
      [
        {
          finding: `missing Route ${address}/32 @n1 read stops`,
          lacks: [
            `interface:n1/${valueOf(facts, 'flow').destination.interface}`,
            'programming:n1',
            'nodeNetworking:n1',
            'endpoint:default/mypod',
            'nodeName:n1',
          ],
          withholds: [`returnRoute:n1/${address}`],
        },
      ],
    ],
    ...(
      [
        ['back to the node that sent it', valueOf(facts, 'flow').source.nodeAddress, again],
        ['to another node, whose routes are not known', '10.250.0.13', ''],
      ] as const
    ).map(([where, gateway, loop]): RuleRow => [
      `fails: the block's route leads ${where}`,
      () =>
        rerouted(without, {
          'routes@target': valueOf(without, 'routes@target').map((one) =>
            one.destination === block ? route({ destination: block, device: 'tunl0', gateway }) : one,
          ),
        }),
      [{ finding: `missing Route ${address}/32 @n1 read stops`, data: { loop } }],
    ]),
    [
      'fails also where there is no route at all',
      () => rerouted(facts, { 'routes@target': [] }),
      [`missing Route ${address}/32 @n1 read stops`],
    ],
    [
      "fails: the source's own /32, so that the reply dies",
      () =>
        rerouted(facts, {
          'routes@source': valueOf(facts, 'routes@source').filter(
            ({ destination }) => destination !== `${valueOf(facts, 'flow').source.address}/32`,
          ),
        }),
      [`missing Route ${valueOf(facts, 'flow').source.address}/32 @n2 read stops`],
    ],
    [
      'does not apply: the /32 is not what the packet gets',
      () => rerouted(facts, { 'routing@target': policy(['9:	from all lookup 52'], { 52: [{ device: 'vpn0' }] }) }),
      'not-applicable',
    ],
    [
      'inconclusive: the kernel could not be asked, and the table is not all that it asks',
      () => blind(facts, ['kernel-ways'], 'timeout'),
      'inconclusive',
    ],
    [
      'inconclusive: whose interface the /32 names is not known',
      () =>
        rerouted(facts, {
          'links@target': valueOf(facts, 'links@target').filter(
            ({ name }) => name !== valueOf(facts, 'flow').destination.interface,
          ),
        }),
      'inconclusive',
    ],
    ['passes with the /32', () => facts, 'pass'],
    ['inconclusive: the routes could not be read', () => blind(facts, ['routes@target'], 'timeout'), 'inconclusive'],
    [
      'does not apply on the host network, or before there is a flow (1)',
      () => {
        const flow = valueOf(facts, 'flow');
        return changed(without, { flow: { ...flow, destination: { ...flow.destination, interface: null } } });
      },
      'not-applicable',
    ],
    [
      'does not apply on the host network, or before there is a flow (2)',
      () => blind(facts, ['flow', 'routes@target'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});

test("shows the routes of the pod's address and of its interface, whatever they are called", async () => {
  const lines = [
    'default via 10.0.0.1 dev eth0',
    '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.11',
    `unreachable ${block} proto 80`,
    '10.244.1.99 dev eni9 scope link',
    '10.244.1.98 dev eni1 scope link',
  ];
  const now = changed(without, { 'pod-interface': { name: 'eni1' } });
  const text = { command: 'ip route', node: 'n1', at: '2026-11-26T00:00:00Z', excerpt: lines.join('\n'), file: null };
  const read = observed(valueOf(now, 'routes@target'), [text]);
  const [finding] = findingsOf(await evaluated(rule, { ...now, 'routes@target': read }));
  expect(finding?.evidence.map(({ excerpt }) => excerpt.split('\n'))).toEqual([[lines[0], lines[2], lines[4]]]);
});

test.each<[string, readonly string[], string, readonly string[]]>([
  ['one other pod has its route', ['10.244.1.77/32 dev cali7'], ' One other pod of n1 has its route.', ['cali7']],
  [
    'several have theirs',
    ['10.244.1.77/32 dev cali7', '10.244.1.78/32 dev cali8'],
    ' 2 other pods of n1 have their routes.',
    ['cali7'],
  ],
  ['an address behind a tunnel is not a pod of the node', ['10.244.1.79/32 dev tunl0'], '', []],
  ['a prefix is not a pod', ['10.244.1.64/30 dev cali9'], '', []],
])('of the other pods of the node, %s', async (...[, lines, words, shown]) => {
  const [own = valueOf(facts, 'routes@target')[0]] = valueOf(facts, 'routes@target').filter(
    ({ destination }) => destination === `${address}/32`,
  );
  const kept = valueOf(without, 'routes@target').filter(({ device }) => device?.startsWith('cali') !== true);
  const added = lines.flatMap((line) => {
    const [destination = '', , device = ''] = line.split(' ');
    return own ? { ...own, destination, device } : [];
  });
  const given = rerouted(facts, { 'routes@target': [...kept, ...added] });
  const read = { node: 'n1', command: 'ip route show', at: '', excerpt: lines.join('\n'), file: null };
  const routes = valueOf(given, 'routes@target');
  const [finding] = findingsOf(await evaluated(rule, { ...given, 'routes@target': observed(routes, [read]) }));
  expect(finding?.data['siblings']).toBe(words);
  expect(finding?.evidence.flatMap(({ excerpt }) => shown.filter((device) => excerpt.includes(device)))).toEqual(shown);
});
