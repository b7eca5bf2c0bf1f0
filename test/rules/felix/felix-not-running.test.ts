import { expect, test } from '@jest/globals';
import type { ExpectedDecision } from '../../../src/model/expected-decision.ts';
import type { FelixState } from '../../../src/model/control-plane.ts';
import { felixNotRunning as rule } from '../../../src/rules/felix/felix-not-running.ts';
import { calicoGuardDrops } from '../../../src/rules/filter/calico-guard-drops.ts';
import { podRouteMissing } from '../../../src/rules/routes/pod-route-missing.ts';
import { judge } from '../../../src/engine/verdict.ts';
import { policyDeniesIngress } from '../../../src/rules/filter/policy-denies-ingress.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  judged,
  leg,
  valueOf,
  withWalk,
} from '../../support/facts.ts';
import { rerouted } from '../../support/ways.ts';
import { expects } from '../../support/expectations.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const dead: FelixState = { processes: [], liveness: null, readiness: null };
const hung: FelixState = { processes: ['7 calico-node -felix'], liveness: 503, readiness: 503 };
const facts = failing(await captured('healthy-legacy'));
const deniedBase = await captured('k8s-deny-ingress-legacy');
const denying = (decision: ExpectedDecision['decision']) =>
  changed(deniedBase, { 'felix@target': dead, 'expected-decisions': [expects(decision)] });
const unprogrammed = changed(
  withWalk(
    facts,
    droppedBy(
      leg(facts, 'target-ingress'),
      { kind: 'dispatch', name: 'cali-to-wl-dispatch' },
      { comments: ['cali:x', 'Unknown interface'] },
    ),
  ),
  { 'felix@target': dead },
);

/** The node does not know the interface from which, or to which, a packet of its own pods goes. */
const sameNode = (chain: string) => {
  const owner = { kind: 'dispatch', name: chain, direction: null } as const;
  const walk = droppedBy(leg(facts, 'target-ingress'), owner, { chain, comments: ['cali:x', 'Unknown interface'] });
  return changed(facts, { walks: [{ ...walk, leg: 'same-node' }], 'felix@target': dead });
};

testRule(rule, {
  lab: 'felix-stopped',
  rows: [
    [
      'offers to restart Felix where Calico keeps its objects in etcd',
      () => changed(unprogrammed, { 'datastore-kind': { kind: 'etcdv3' } }),
      ['stops Node n1 @n1 read stops'],
    ],
    [
      "where it never programmed the pod's interface, it stops the flow",
      () => unprogrammed,
      [{ finding: 'stops Node n1 @n1 read stops', withholds: ['felix:n1', 'programming:n1'] }],
    ],
    [
      'where the pod has no endpoint, Felix had nothing to program: latent',
      () => changed(unprogrammed, { endpoint: null }),
      ['latent Node n1 @n1 read'],
    ],
    [
      'where nobody could read the endpoint, it stops the flow: a Felix that is dead programs nothing',
      () => blind(unprogrammed, ['endpoint']),
      ['stops Node n1 @n1 read stops'],
    ],
    [
      'where the client on the same node has no endpoint, it is latent',
      () => changed(sameNode('cali-from-wl-dispatch'), { 'source-endpoint': null }),
      ['latent Node n1 @n1 read'],
    ],
    ...(['cali-to-wl-dispatch-4', 'filter-cali-to-wl-dispatch'] as const).map((chain): RuleRow => [
      `where its packet ends in ${chain}, the endpoint of the pod counts`,
      () => changed(sameNode(chain), { 'source-endpoint': null }),
      ['stops Node n1 @n1 read stops'],
    ]),
    [
      'where the client has no endpoint, its node is latent',
      () =>
        changed(
          withWalk(
            facts,
            droppedBy(
              leg(facts, 'source-egress'),
              { kind: 'dispatch', name: 'cali-from-wl-dispatch' },
              { comments: ['cali:x', 'Unknown interface'] },
            ),
          ),
          { 'felix@source': dead, 'source-endpoint': null },
        ),
      ['latent Node n2 @n2 read'],
    ],
    [
      'on another node than the unknown interface it is latent',
      () => changed(unprogrammed, { 'felix@target': valueOf(facts, 'felix@target'), 'felix@source': dead }),
      ['latent Node n2 @n2 read'],
    ],
    [
      'behind a denial that the datastore no longer says, it stops the flow',
      () => denying('allow'),
      ['outdated Node n1 @n1 read stops'],
    ],
    ['behind one that the datastore says too, it is latent', () => denying('deny'), ['latent Node n1 @n1 read']],
    [
      "on another node than the denial's it is none of its doing",
      () => changed(denying('allow'), { 'felix@target': valueOf(facts, 'felix@target'), 'felix@source': dead }),
      ['latent Node n2 @n2 read'],
    ],
    ['passes: live', () => facts, 'pass'],
    ...(
      [
        ['no process', dead],
        ['its liveness fails', hung],
      ] as const
    ).map(([what, felix]): RuleRow => [
      `fails: ${what}: latent, behind rules that still stand`,
      () => changed(facts, { 'felix@target': felix }),
      ['latent Node n1 @n1 read'],
    ]),
    ["fails: on the source's node", () => changed(facts, { 'felix@source': dead }), ['latent Node n2 @n2 read']],
    [
      'readiness alone is not this',
      () => changed(facts, { 'felix@target': { ...valueOf(facts, 'felix@target'), readiness: 503 } }),
      'pass',
    ],
    ['inconclusive: not checked', () => blind(facts, ['felix@target']), 'inconclusive'],
    ['inconclusive: a process that does not answer', () => blind(facts, ['felix@target'], 'no-answer'), 'inconclusive'],
    [
      'a pod without an address has no flow, and Felix is looked at on its node all the same',
      () => changed(blind(facts, ['flow', 'felix@source', 'walks'], 'not-applicable'), { 'felix@target': dead }),
      ['latent Node n1 @n1 read'],
    ],
    [
      'does not apply to a pod that is on no node',
      () => blind(facts, ['felix@target'], 'not-applicable'),
      'not-applicable',
    ],
  ],
});

test('a route that it did not put back makes it the root, and the route its consequence', async () => {
  const { address } = valueOf(facts, 'flow').destination;
  const broken = rerouted(facts, {
    'felix@target': dead,
    'routes@target': valueOf(facts, 'routes@target').filter(({ destination }) => destination !== `${address}/32`),
  });
  const evaluations = await Promise.all([podRouteMissing, rule].map((one) => evaluated(one, broken)));
  const verdict = judge({ evaluations, missed: [], flow: 'fails' });
  expect([
    verdict.roots.map((one) => one.rule),
    verdict.consequences.map((one) => [one.rule, one.because.rule]),
    verdict.latent,
  ]).toEqual([['felix-not-running'], [['pod-route-missing', 'felix-not-running']], []]);
});
test.each<[ExpectedDecision['decision'], readonly string[], readonly string[]]>([
  ['allow', ['felix-not-running'], []],
  ['deny', ['policy-denies-ingress'], ['felix-not-running']],
  // Where nobody knows, the node's rules are the word.
  ['unknown', ['policy-denies-ingress'], ['felix-not-running']],
])('behind a denial of which the datastore says %s', async (decision, roots, latent) => {
  const verdict = judge({
    evaluations: await Promise.all([policyDeniesIngress, rule].map((one) => evaluated(one, denying(decision)))),
    missed: [],
    flow: 'fails',
  });
  expect([verdict.roots.map((one) => one.rule), verdict.latent.map((one) => one.rule)]).toEqual([roots, latent]);
});
test("where Felix is dead, an unknown interface is no guard's to tell", async () => {
  expect(await judged(calicoGuardDrops, unprogrammed)).toBe('not-applicable');
});
