/**
 * Every pair of rules where a finding of one can be the cause of a finding of the other: shown by facts of both, or by
 * the tables of the two rules, one of which lacks what the other withholds.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../src/engine/evaluate.ts';
import { explain } from '../../src/engine/explain.ts';
import { judge } from '../../src/engine/verdict.ts';
import { observed } from '../../src/model/evidence.ts';
import type { ExpectedDecision } from '../../src/model/expected-decision.ts';
import type { FelixState } from '../../src/model/control-plane.ts';
import type { Leg } from '../../src/model/flow-walk.ts';
import type { Rule } from '../../src/model/rule.ts';
import { possibleCauses } from '../../src/rules/lib/check-rules.ts';
import { rules } from '../../src/rules/registry.ts';
import {
  captured,
  changed,
  droppedBy,
  evaluated,
  failing,
  leg,
  valueOf,
  withWalk,
  type Facts,
} from '../support/facts.ts';
import { lost, policy, rerouted, route } from '../support/ways.ts';

const dead: FelixState = { processes: [], liveness: null, readiness: null };
const live: FelixState = { processes: ['7 calico-felix'], liveness: 200, readiness: 200 };
const expected: ExpectedDecision = {
  leg: 'target-ingress',
  node: 'n1',
  direction: 'ingress',
  decision: 'allow',
  by: 'a profile allows it',
  policies: [],
};

const withPod = (facts: Facts, status: { readonly phase: string; readonly podIP?: string }) =>
  changed(facts, { pod: { ...valueOf(facts, 'pod'), status } });
const withEndLeg = (facts: Facts, which: Leg, owner: Parameters<typeof droppedBy>[1], comments: readonly string[]) =>
  withWalk(facts, droppedBy(leg(facts, which), owner, { comments }));
const withTunnel = (facts: Facts) =>
  changed(facts, {
    'links@source': valueOf(facts, 'links@source').map((link) =>
      link.name === 'tunl0' ? { ...link, flags: [] } : link,
    ),
  });
const withoutBlocks = (facts: Facts, key: 'routes@target' | 'routes@source') =>
  rerouted(facts, {
    [key]: valueOf(facts, key).filter(({ device, destination }) => device !== 'tunl0' && destination !== '0.0.0.0/0'),
  });
const deviceOf = (facts: Facts) => valueOf(facts, 'flow').destination.interface ?? '';

const withGuard = (facts: Facts, which: Leg) =>
  withEndLeg(facts, which, { kind: 'endpoint', name: 'cali1' }, ['Endpoint admin disabled']);
const withForeign = (facts: Facts, which: Leg) =>
  withEndLeg(facts, which, { kind: 'foreign', name: 'DOCKER' }, ['theirs']);

const withReversePath = (facts: Facts, which: Leg) =>
  withWalk(
    facts,
    droppedBy(
      leg(facts, which),
      { kind: 'calico-static', name: 'cali-PREROUTING' },
      { table: 'raw', chain: 'cali-PREROUTING', text: '-A cali-PREROUTING -m rpfilter --validmark --invert -j DROP' },
    ),
  );

/** What makes each rule fail, and leaves as it is what the others look at. */
const broken: Readonly<Record<string, (facts: Facts) => Facts>> = {
  'pod-not-running': (facts) => withPod(facts, { phase: 'Pending' }),
  'cni-plugin-failing': (facts) => ({
    ...withPod(facts, { phase: 'Pending' }),
    'pod-events': observed([
      {
        reason: 'FailedCreatePodSandBox',
        message: 'plugin type="calico" failed (add): stat /var/lib/calico/nodename: no such file or directory',
        at: '2026-11-23T18:00:00Z',
        count: 1,
      },
    ]),
  }),
  'pod-without-address': (facts) => withPod(facts, { phase: 'Pending' }),
  'port-not-listening': (facts) =>
    changed(facts, {
      flow: { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 } },
      listeners: [],
      reachability: { attempts: [] },
    }),
  'pod-interface-missing': (facts) =>
    changed(facts, { 'links@target': valueOf(facts, 'links@target').filter(({ name }) => name !== deviceOf(facts)) }),
  'pod-interface-down': (facts) =>
    changed(facts, {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        link.name === deviceOf(facts) ? { ...link, flags: [] } : link,
      ),
    }),
  'pod-route-missing': (facts) =>
    rerouted(facts, {
      'routes@target': valueOf(facts, 'routes@target').filter(
        ({ destination }) => destination !== `${valueOf(facts, 'flow').destination.address}/32`,
      ),
    }),
  'tunnel-device-down': withTunnel,
  'block-route-missing': (facts) => withoutBlocks(facts, 'routes@source'),
  'datastore-unreachable': (facts) =>
    changed(facts, { datastore: { ...valueOf(facts, 'datastore'), reachable: false, error: 'no answer in time' } }),
  'datastore-not-ready': (facts) => changed(facts, { datastore: { ...valueOf(facts, 'datastore'), state: 'locked' } }),
  'pod-profile-missing': (facts) => facts,
  'policy-denies-ingress': (facts) => withEndLeg(facts, 'target-ingress', { kind: 'policy', name: 'p' }, []),
  'source-address-rewritten': (facts) =>
    withWalk(facts, {
      ...leg(facts, 'target-ingress'),
      rewritten: { asked: '10.244.2.7', now: '10.244.2.0', by: null, decisionAsAsked: 'accept' },
    }),
  'calico-hooks-missing': (facts) =>
    changed(facts, {
      'calico-hooks': [{ node: 'n1', table: 'filter', chain: 'FORWARD', flaw: 'jump', rule: null }],
    }),
  'calico-guard-drops': (facts) => withGuard(facts, 'reply-target-egress'),
  'foreign-rule-drops': (facts) => withForeign(facts, 'reply-target-egress'),
  // A /32 is the asked packet's way, not its reply's.
  'calico-guard-drops ← pod-route-wrong': (facts) => withGuard(facts, 'target-ingress'),
  'foreign-rule-drops ← pod-route-wrong': (facts) => withForeign(facts, 'target-ingress'),
  'reverse-path-filtered': (facts) => withReversePath(facts, 'reply-target-egress'),
  // The node has the address of the client, and so no way back to it.
  'reverse-path-filtered ← pod-address-duplicated': (facts) => withReversePath(facts, 'target-ingress'),
  'routing-rule-diverts': (facts) =>
    rerouted(lost(facts), {
      'routing@target': policy([`9:	from ${valueOf(facts, 'flow').destination.address} lookup 52`], {
        52: [{ device: 'vpn0' }],
      }),
    }),
  'pod-route-wrong': (facts) =>
    rerouted(lost(facts), {
      'routes@target': valueOf(facts, 'routes@target').map((one) =>
        one.device === deviceOf(facts) ? { ...one, device: 'caliold' } : one,
      ),
    }),
  'pod-address-duplicated': (facts) =>
    rerouted(lost(facts), {
      'links@target': valueOf(facts, 'links@target').map((link) =>
        link.name === 'eth0'
          ? {
              ...link,
              addresses: [...link.addresses, { address: valueOf(facts, 'flow').source.address, prefixLength: 32 }],
            }
          : link,
      ),
    }),
  'pool-overlaps-another-network': (facts) =>
    rerouted(lost(facts), {
      'routes@target': [
        ...valueOf(facts, 'routes@target'),
        route({ destination: `${valueOf(facts, 'flow').source.address}/32`, device: 'docker0' }),
      ],
    }),
  // The asked packet ends before: only what a packet from the pod's own node proves is judged behind that.
  'calico-guard-drops ← felix-rules-stale': (facts) => {
    const denied = withEndLeg(facts, 'reply-target-egress', { kind: 'dispatch', name: 'cali-from-wl-dispatch' }, [
      'Unknown interface',
    ]);
    const { rule } = leg(denied, 'reply-target-egress').result;
    const rise = { packets: 3, bytes: 180 };
    const proof = { proof: 'counter', rule, sent: { packets: 3, length: 60 }, idle: null, rise, walked: rise } as const;
    return changed(denied, {
      'drop-counters': {
        bursts: [
          {
            node: 'n1',
            leg: 'reply-target-egress',
            reached: 'unknown',
            flow: 'same-node',
            sent: 3,
            length: 60,
            proof: { ...proof, readings: null, failed: [] },
          },
        ],
      },
    });
  },
  'vxlan-neighbour-lost': (facts) =>
    changed(facts, {
      'tunnel-neighbours': ['n1', 'n2'].map((peer) => ({
        node: peer === 'n1' ? 'n2' : 'n1',
        peer,
        device: 'vxlan.calico',
        gateway: '10.244.9.0',
        entry: null,
        destinations: [],
      })),
      sightings: { points: [] },
    }),
  'tunnel-source-refused': (facts) =>
    withEndLeg(facts, 'target-outer', { kind: 'calico-static', name: 'cali-INPUT' }, [
      'Drop IPIP packets from non-Calico hosts',
    ]),
  // Of the node to which the source has no route, or whose tunnel packets the pod's node refuses.
  'node-address-misdetected': (facts) =>
    changed(facts, {
      'calico-nodes': ['n1', 'n2'].map((node) => ({
        node,
        object: { metadata: { name: node }, spec: { bgp: { ipv4Address: '192.0.2.7/24' } } },
      })),
      'path-capture': { ...valueOf(facts, 'path-capture'), places: [] },
    }),
  'calico-node-forbidden': (facts) =>
    changed(facts, {
      'calico-node-access': {
        account: { namespace: 'kube-system', name: 'calico-node' },
        reviews: [
          { user: 'u', groups: [], group: '', resource: 'namespaces', verb: 'list', allowed: false, reason: '' },
        ],
      },
    }),
  'felix-not-running': (facts) => changed(facts, { 'felix@target': dead, 'felix@source': dead }),
  'felix-rules-stale': (facts) => {
    const denied = withEndLeg(facts, 'target-ingress', { kind: 'policy', name: 'p' }, []);
    return changed(denied, {
      'expected-decisions': [expected],
      'later-walks': [leg(denied, 'target-ingress')],
      'felix@target': live,
    });
  },
  'controller-not-running': (facts) => changed(facts, { controller: { ...valueOf(facts, 'controller'), pods: [] } }),
  'controller-forbidden': (facts) => facts,
};

const edges: readonly (readonly [effect: string, cause: string])[] = [
  ['cni-plugin-failing', 'datastore-unreachable'],
  ['cni-plugin-failing', 'datastore-not-ready'],
  ['cni-plugin-failing', 'felix-not-running'],
  ['pod-not-running', 'cni-plugin-failing'],
  ['pod-without-address', 'cni-plugin-failing'],
  ['pod-without-address', 'pod-not-running'],
  ['port-not-listening', 'pod-not-running'],
  ['pod-without-address', 'datastore-unreachable'],
  ['pod-without-address', 'datastore-not-ready'],
  ['pod-without-address', 'felix-not-running'],
  ['pod-route-missing', 'pod-interface-missing'],
  ['pod-route-missing', 'pod-interface-down'],
  ['pod-route-missing', 'calico-node-forbidden'],
  ['pod-route-missing', 'felix-not-running'],
  ['pod-route-missing', 'felix-rules-stale'],
  ['block-route-missing', 'tunnel-device-down'],
  ['block-route-missing', 'felix-not-running'],
  ['block-route-missing', 'node-address-misdetected'],
  ['vxlan-neighbour-lost', 'felix-not-running'],
  ['vxlan-neighbour-lost', 'felix-rules-stale'],
  ['vxlan-neighbour-lost', 'calico-node-forbidden'],
  ['tunnel-source-refused', 'node-address-misdetected'],
  ['tunnel-source-refused', 'calico-node-forbidden'],
  ['tunnel-source-refused', 'felix-not-running'],
  ['tunnel-source-refused', 'datastore-unreachable'],
  ['tunnel-source-refused', 'datastore-not-ready'],
  ['pod-profile-missing', 'controller-forbidden'],
  ['pod-profile-missing', 'controller-not-running'],
  ['pod-profile-missing', 'datastore-not-ready'],
  ['policy-denies-ingress', 'source-address-rewritten'],
  ['calico-guard-drops', 'calico-node-forbidden'],
  ['calico-guard-drops', 'felix-not-running'],
  ['calico-guard-drops', 'felix-rules-stale'],
  ...['calico-guard-drops', 'foreign-rule-drops'].flatMap((effect) =>
    ['routing-rule-diverts', 'pod-route-wrong', 'pod-address-duplicated', 'pool-overlaps-another-network'].map(
      (cause) => [effect, cause] as const,
    ),
  ),
  ['reverse-path-filtered', 'pod-route-missing'],
  ['reverse-path-filtered', 'pod-route-wrong'],
  ['reverse-path-filtered', 'pod-address-duplicated'],
  ['calico-hooks-missing', 'felix-not-running'],
  ['felix-not-running', 'datastore-unreachable'],
  ['felix-not-running', 'datastore-not-ready'],
  ['felix-not-running', 'calico-node-forbidden'],
  ['felix-rules-stale', 'datastore-unreachable'],
  ['felix-rules-stale', 'datastore-not-ready'],
  ['felix-rules-stale', 'calico-node-forbidden'],
];

let healthy: Facts;
let withoutProfile: Facts;
beforeAll(async () => {
  healthy = failing(await captured('healthy-legacy'));
  withoutProfile = failing(await captured('profile-missing-rbac-legacy'));
});

const declared = rules.flatMap((effect) => possibleCauses(effect, rules).map((cause) => ({ effect, cause })));
const isShownHere = ({ effect, cause }: (typeof declared)[number]) =>
  edges.some(([one, other]) => one === effect.id && other === cause.id);
/** The table of a rule names a resource of this kind in a finding's `lacks` or `withholds`. */
function hasRow({ id, step }: Rule, list: 'lacks' | 'withholds', kind: string): boolean {
  const table = readFileSync(`${import.meta.dirname}/${step}/${id}.test.ts`, 'utf8');
  return new RegExp(`${list}: \\[[^\\]]*['"\`]${kind}:`).test(table);
}

test('every pair that the rules declare is shown here, or by the rows of both tables', () => {
  const unshown = declared
    .filter((pair) => !isShownHere(pair))
    .filter(({ effect, cause }) =>
      (effect.lacks ?? [])
        .filter((kind) => cause.withholds?.includes(kind))
        .some((kind) => !hasRow(effect, 'lacks', kind) || !hasRow(cause, 'withholds', kind)),
    );
  expect(unshown.map(({ effect, cause }) => `${effect.id} ← ${cause.id}`)).toEqual([]);
});

test('every pair that is shown here is one that the rules declare', () => {
  expect(
    edges.filter((edge) => !declared.some(({ effect, cause }) => edge[0] === effect.id && edge[1] === cause.id)),
  ).toEqual([]);
});

async function found(facts: Facts, ...ids: readonly string[]) {
  const ofThese = rules.filter(({ id }) => ids.includes(id));
  const evaluations = await Promise.all(ofThese.map((rule) => evaluated(rule, facts)));
  return {
    evaluations,
    findings: evaluations.flatMap((evaluation) =>
      findingsOf(evaluation).map((finding) => ({ rule: evaluation.rule, finding })),
    ),
  };
}

test.each(edges)('%s can be because of %s', async (effect, cause) => {
  const base = effect === 'pod-profile-missing' ? withoutProfile : healthy;
  const breakCause = broken[cause];
  const breakEffect = broken[`${effect} ← ${cause}`] ?? broken[effect];
  if (!breakCause || !breakEffect) throw new Error(`nothing breaks ${effect} or ${cause}`);
  const { findings } = await found(breakCause(breakEffect(base)), effect, cause);
  const explained = explain(findings);
  expect(explained.map(({ rule }) => rule.id)).toEqual(expect.arrayContaining([effect, cause]));
  expect(explained.filter(({ rule }) => rule.id === effect).map((one) => one.cause?.rule.id)).toContain(cause);
  expect(explained.filter(({ rule }) => rule.id === cause).map((one) => one.cause)).not.toContain(undefined);
});

describe('each consequence stands under its own cause', () => {
  test('Felix is dead on two nodes, and both lost their routes', async () => {
    const facts = withoutBlocks(
      withoutBlocks(broken['felix-not-running']?.(healthy) ?? {}, 'routes@source'),
      'routes@target',
    );
    const { evaluations } = await found(facts, 'felix-not-running', 'block-route-missing');
    const verdict = judge({ evaluations, missed: [], flow: 'fails' });
    const nodeOf = new Map(verdict.roots.map(({ id, node }) => [id, node]));
    expect(verdict.roots.map(({ id, rule, node }) => [id, rule, node])).toEqual([
      ['f1', 'felix-not-running', 'n1'],
      ['f2', 'felix-not-running', 'n2'],
    ]);
    expect(
      verdict.consequences.map(({ id, rule, node, because }) => [id, rule, node, because.rule, nodeOf.get(because.id)]),
    ).toEqual([
      ['f3', 'block-route-missing', 'n2', 'felix-not-running', 'n2'],
      ['f4', 'block-route-missing', 'n1', 'felix-not-running', 'n1'],
    ]);
  });
  test('an interface that is down is nearer to its lost route than a dead Felix', async () => {
    const facts = ['pod-route-missing', 'pod-interface-down', 'felix-not-running'].reduce(
      (so, id) => broken[id]?.(so) ?? so,
      healthy,
    );
    const { evaluations } = await found(facts, 'pod-route-missing', 'pod-interface-down', 'felix-not-running');
    expect(judge({ evaluations, missed: [], flow: 'fails' }).consequences.map(({ because }) => because.rule)).toEqual([
      'pod-interface-down',
    ]);
  });
});
