import { addressRange, rangeHolds } from '../../../src/model/addresses.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import type { KernelWay } from '../../../src/model/kernel-way.ts';
import type { Route } from '../../../src/model/network.ts';
import { outsideRouteMissing as rule } from '../../../src/rules/routes/outside-route-missing.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { lost, policy, rerouted, route } from '../../support/ways.ts';

const toPod = lost(await captured('healthy-legacy'));
const address = '203.0.113.7';
const flow = { ...valueOf(toPod, 'flow'), destination: outsideEnd(address) };
const routes = valueOf(toPod, 'routes@source');
const isDefault = ({ destination }: Route) => destination === '0.0.0.0/0';
const outward = (table: readonly Route[]) => rerouted(toPod, { flow, 'routes@source': table });
const usual = [...routes.filter((one) => !isDefault(one)), route({ gateway: '192.168.77.1', device: 'eth0' })];
const without = usual.filter((one) => !isDefault(one));
const beside = (one: Partial<Route>) => outward([route(one), ...usual]);
const answered = (facts: Facts, change: Partial<KernelWay>) =>
  changed(facts, { 'kernel-ways': valueOf(facts, 'kernel-ways').map((way) => ({ ...way, ...change })) });
const found = (destination: string) => `Route ${destination} @n2 read stops`;

const { source, destination } = valueOf(toPod, 'flow');
const [sourceNode, targetNode] = [source.nodeAddress ?? '', destination.nodeAddress ?? ''];
const refusing = (to: string) => route({ destination: `${to}/32`, type: 'blackhole' });
const tunnelled = (change: Partial<Record<'routes@source' | 'routes@target', readonly Route[]>>) =>
  rerouted(toPod, change);
const holds = ({ destination: to }: Route, node: string) => {
  const range = addressRange(to);
  return range !== null && rangeHolds(range, node);
};
const withoutNode = routes.filter((one) => !holds(one, targetNode));
const fromOutside = (table: readonly Route[]) =>
  rerouted(
    { ...toPod, 'links@source': blind(toPod, ['links@source'], 'not-applicable')['links@source'] },
    { flow: { ...valueOf(toPod, 'flow'), source: outsideEnd(address) }, 'routes@target': table },
  );

const targetRoutes = valueOf(toPod, 'routes@target');
/** The client is on the network of its node. */
const ofNode = () =>
  rerouted(toPod, {
    flow: { ...valueOf(toPod, 'flow'), source: { ...source, interface: null, address: sourceNode } },
  });
/** No tunnel: its packets have the address of its node. */
const fromNode = (changes: Parameters<typeof rerouted>[1]) =>
  rerouted(ofNode(), {
    'routes@source': routes.map((one) => (one.device === 'tunl0' ? { ...one, device: 'eth0' } : one)),
    ...changes,
  });
const ofHostPod = (table: readonly Route[]) =>
  rerouted(toPod, {
    flow: { ...valueOf(toPod, 'flow'), destination: { ...destination, interface: null, address: targetNode } },
    'routes@target': table,
  });

const withoutAnswer = (facts: Facts) =>
  changed(facts, { 'kernel-ways': valueOf(facts, 'kernel-ways').filter(({ of }) => of !== 'reply-target-egress') });

testRule(rule, {
  lab: 'outside-route-missing',
  rows: [
    ...(['blackhole', 'unreachable', 'prohibit'] as const).map((type): RuleRow => [
      `fails: a ${type} route holds the address, beside a default route`,
      () => beside({ destination: '203.0.113.0/24', type }),
      [
        {
          finding: `refuses ${found('203.0.113.0/24')}`,
          data: { type, taken: `${type} 203.0.113.0/24` },
          lacks: ['nodeNetworking:n2'],
          withholds: ['way:n2/source-egress'],
        },
      ],
    ]),
    [
      'fails: the default route itself refuses',
      () => outward([route({ type: 'unreachable' })]),
      [`refuses ${found('0.0.0.0/0')}`],
    ],
    ['fails: no route holds the address', () => outward(without), [`missing ${found(address)}`]],
    [
      'fails: a route of the node of the client refuses the packets of the tunnel',
      () => tunnelled({ 'routes@source': [refusing(targetNode), ...routes] }),
      [
        {
          finding: `refuses ${found(`${targetNode}/32`)}`,
          data: { type: 'blackhole', address: targetNode },
          withholds: ['way:n2/source-outer'],
        },
      ],
    ],
    [
      'fails: a route of the node of the pod refuses the packets of the tunnel that hold the answer',
      () => tunnelled({ 'routes@target': [refusing(sourceNode), ...valueOf(toPod, 'routes@target')] }),
      [`refuses Route ${sourceNode}/32 @n1 read stops`],
    ],
    [
      'does not apply: the tunnel leads to another address of the node',
      () => {
        const astray = tunnelled({ 'routes@source': [refusing(targetNode), ...routes] });
        const ways = valueOf(astray, 'kernel-ways').map((way): KernelWay =>
          way.of === 'source-egress' && way.answer.kind === 'route'
            ? { ...way, answer: { ...way.answer, gateway: '198.51.100.9' } }
            : way,
        );
        return changed(astray, { 'kernel-ways': ways });
      },
      'not-applicable',
    ],
    [
      'inconclusive: a rule of the node ends the packets of the tunnel, and the main table has no route for them',
      () =>
        rerouted(tunnelled({ 'routes@source': withoutNode }), {
          'routing@source': policy([`90:	from all to ${targetNode} blackhole`]),
        }),
      'inconclusive',
    ],
    [
      'fails: a route refuses the answer to a client outside',
      () => fromOutside([refusing(address), ...valueOf(toPod, 'routes@target')]),
      [
        {
          finding: `refuses Route ${address}/32 @n1 read stops`,
          withholds: ['way:n1/reply-target-egress'],
        },
      ],
    ],
    ['passes: the answer to a client outside has a route', () => fromOutside(valueOf(toPod, 'routes@target')), 'pass'],
    ...(['blackhole', 'unreachable', 'prohibit'] as const).map((type): RuleRow => [
      `fails: a ${type} route refuses the answer to a node`,
      () => fromNode({ 'routes@target': [route({ destination: `${sourceNode}/32`, type }), ...targetRoutes] }),
      [
        {
          finding: `refuses Route ${sourceNode}/32 @n1 read stops`,
          data: { type, address: sourceNode },
          withholds: ['way:n1/reply-target-egress'],
        },
      ],
    ]),
    [
      'fails: no route leads the answer to a node',
      () => fromNode({ 'routes@target': targetRoutes.filter((one) => !holds(one, sourceNode)) }),
      [`missing Route ${sourceNode} @n1 read stops`],
    ],
    [
      'fails: a route refuses the packets of the tunnel that hold the answer to a node',
      () => rerouted(ofNode(), { 'routes@target': [refusing(sourceNode), ...targetRoutes] }),
      [{ finding: `refuses Route ${sourceNode}/32 @n1 read stops`, withholds: ['way:n1/reply-target-outer'] }],
    ],
    [
      'fails: a route refuses the answer of a hostNetwork pod to the node whose address hides the client',
      () => ofHostPod([refusing(sourceNode), ...targetRoutes]),
      [`refuses Route ${sourceNode}/32 @n1 read stops`],
    ],
    ['passes: the answer to a node has a route', () => fromNode({}), 'pass'],
    [
      'passes: it works for a node, whatever its route says',
      () =>
        changed(fromNode({ 'routes@target': [refusing(sourceNode), ...targetRoutes] }), {
          reachability: {
            attempts: valueOf(toPod, 'reachability').attempts.map((one) => ({
              ...one,
              answer: 'reply' as const,
              answered: 3,
            })),
          },
        }),
      'pass',
    ],
    [
      'inconclusive: a rule leads the answer to a node to a router that may know the way',
      () =>
        fromNode({
          'routing@target': policy([`90:	from ${destination.address} lookup 52`], {
            52: [{ device: 'eth1', gateway: '10.9.0.1' }],
          }),
        }),
      'inconclusive',
    ],
    [
      'inconclusive: nobody asked for the way of the answer to a node, or to a client outside (1)',
      () => withoutAnswer(fromNode({})),
      'inconclusive',
    ],
    [
      'inconclusive: nobody asked for the way of the answer to a node, or to a client outside (2)',
      () => withoutAnswer(fromOutside(targetRoutes)),
      'inconclusive',
    ],
    [
      'leaves the answer to the tunnel address of a node to the route of its block',
      () => rerouted(ofNode(), { 'routes@target': targetRoutes.filter(({ device }) => device !== 'tunl0') }),
      'not-applicable',
    ],
    [
      'leaves a rule that leads to no route to its own cause',
      () => rerouted(outward(usual), { 'routing@source': policy(['90:	from all to 203.0.113.0/24 blackhole']) }),
      'not-applicable',
    ],
    [
      'inconclusive: the main table has none, and a rule ends the packet before',
      () => rerouted(outward(without), { 'routing@source': policy(['90:	from all to 203.0.113.0/24 blackhole']) }),
      'inconclusive',
    ],
    [
      'inconclusive: the main table has none, and routes of another table refuse it',
      () =>
        rerouted(outward(without), {
          'routing@source': policy(['90:	from all lookup 52'], { 52: [route({ type: 'unreachable' })] }),
        }),
      'inconclusive',
    ],
    [
      'inconclusive: the main table has none, and the rules of the node were not read',
      () => blind(outward(without), ['routing@source']),
      'inconclusive',
    ],
    [
      'inconclusive: the node itself has the address',
      () =>
        answered(outward(usual), {
          answer: { kind: 'route', type: 'local', device: 'lo', gateway: null, table: 'local', preferredSource: null },
        }),
      'inconclusive',
    ],
    [
      'does not blame a route that takes the packet where the kernel refuses it for another reason',
      () =>
        answered(outward(usual), {
          answer: { kind: 'refused', error: 'no-route-to-host', words: 'No route to host' },
        }),
      'inconclusive',
    ],
    ['passes: the default route takes it', () => outward(usual), 'pass'],
    [
      'passes: it works',
      () => {
        const facts = beside({ destination: '203.0.113.0/24', type: 'blackhole' });
        const { attempts } = valueOf(facts, 'reachability');
        return changed(facts, {
          reachability: { attempts: attempts.map((one) => ({ ...one, answer: 'reply' as const, answered: 3 })) },
        });
      },
      'pass',
    ],
    [
      'inconclusive: the kernel was not asked',
      () =>
        answered(outward(usual), {
          answer: { kind: 'unavailable', code: 'ssh-refused', reason: 'the node does not answer' },
        }),
      'inconclusive',
    ],
    ['does not apply to a flow to a pod', () => rerouted(toPod), 'not-applicable'],
    ['inconclusive: the flow is not known', () => blind(toPod, ['flow']), 'inconclusive'],
    ['inconclusive: no kernel was asked', () => blind(outward(usual), ['kernel-ways']), 'inconclusive'],
  ],
});
