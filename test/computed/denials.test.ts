/** Each class of denial: how the packet of a healthy flow would have to end, and which rule speaks of it. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ProfileLookup } from '../../src/model/calico.ts';
import type { DenialClass } from '../../src/model/denial.ts';
import type { ExpectedDecision } from '../../src/model/expected-decision.ts';
import type { FelixState } from '../../src/model/control-plane.ts';
import type { RuleRef } from '../../src/model/ruleset/walk.ts';
import type { Leg } from '../../src/model/flow-walk.ts';
import { rules } from '../../src/rules/registry.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  evaluated,
  factOf,
  failing,
  leg,
  undecided,
  valueOf,
  withWalk,
  type Facts,
} from '../support/facts.ts';

type Ending = Parameters<typeof droppedBy>[1];
const dead: FelixState = { processes: [], liveness: null, readiness: null };
const live: FelixState = { processes: ['7 calico-felix'], liveness: 200, readiness: 200 };

let healthy: Facts;
let withoutProfile: Facts;
beforeAll(async () => {
  healthy = failing(await captured('healthy-legacy'));
  withoutProfile = failing(await captured('profile-missing-rbac-legacy'));
});
const ending = (owner: Ending, comments: readonly string[] = [], where: Leg = 'target-ingress', rule = {}) =>
  withWalk(healthy, droppedBy(leg(healthy, where), owner, { comments, ...rule }));
const denyAll: readonly ProfileLookup[] = [
  { name: 'kns.default', profile: { metadata: { name: 'kns.default' }, spec: { ingress: [{ action: 'Deny' }] } } },
];
const allowAll: readonly ProfileLookup[] = [
  { name: 'kns.default', profile: { metadata: { name: 'kns.default' }, spec: { ingress: [{ action: 'Allow' }] } } },
];

const classes: readonly (readonly [DenialClass, string, () => Facts])[] = [
  ['policy-rule', 'policy-denies-ingress', () => ending({ kind: 'policy', name: 'p', direction: 'ingress' })],
  [
    'policy-rule',
    'policy-denies-egress',
    () => ending({ kind: 'policy', name: 'p', direction: 'egress' }, [], 'source-egress'),
  ],
  ['policy-rule', 'policy-denies-ingress', () => ending({ kind: 'policy-group', name: 'g', direction: 'ingress' })],
  ['tier-end', 'policy-denies-ingress', () => ending({ kind: 'tier-default', name: 'default', direction: 'ingress' })],
  [
    'tier-end',
    'policy-denies-egress',
    () => ending({ kind: 'tier-default', name: 'default', direction: 'egress' }, [], 'source-egress'),
  ],
  ['profile-stand-in', 'pod-profile-missing', () => withoutProfile],
  [
    'profile',
    'pod-profile-denies',
    () => changed(ending({ kind: 'profile', name: 'kns.default' }), { profiles: denyAll }),
  ],
  [
    'no-profile-matched',
    'pod-profile-denies',
    () => ending({ kind: 'endpoint', name: 'cali1' }, ['Drop if no profiles matched']),
  ],
  [
    'unknown-interface',
    'calico-guard-drops',
    () => ending({ kind: 'dispatch', name: 'cali-to-wl-dispatch' }, ['Unknown interface']),
  ],
  [
    'unknown-interface',
    'felix-not-running',
    () =>
      changed(ending({ kind: 'dispatch', name: 'cali-to-wl-dispatch' }, ['Unknown interface']), {
        'felix@target': dead,
      }),
  ],
  ...[
    'Drop IPIP packets from non-Calico hosts',
    'Drop IPv4 VXLAN packets from non-allowed hosts',
    'Drop VXLAN packets from non-whitelisted hosts',
  ].flatMap((comment): typeof classes =>
    (['target-outer', 'reply-source-outer'] as const).map((where) => [
      'tunnel-guard',
      'tunnel-source-refused',
      () => ending({ kind: 'calico-static', name: 'cali-INPUT', direction: null }, ['cali:x', comment], where),
    ]),
  ),
  // What a pod itself encapsulates is dropped on its way out, whoever sends it.
  [
    'guard',
    'calico-guard-drops',
    () =>
      ending(
        { kind: 'endpoint', name: 'cali1' },
        ['Drop IPinIP encapped packets originating in workloads'],
        'source-egress',
      ),
  ],
  ['guard', 'calico-guard-drops', () => ending({ kind: 'endpoint', name: 'cali1' }, ['Endpoint admin disabled'])],
  ['guard', 'calico-guard-drops', () => ending({ kind: 'calico-static', name: 'cali-INPUT' })],
  ['guard', 'calico-guard-drops', () => ending({ kind: 'host-endpoint', name: 'eth0' })],
  [
    'not-tracked',
    'flow-not-tracked',
    () => {
      const walk = droppedBy(leg(healthy, 'reply-target-egress'), { kind: 'policy', name: 'p', direction: 'egress' });
      const rule = { ...(walk.result.rule as RuleRef), table: 'raw', chain: 'PREROUTING' };
      return withWalk(healthy, { ...walk, notTracked: { rule, decisionIfTracked: 'accept' } });
    },
  ],
  [
    'guard',
    'calico-guard-drops',
    () => ending({ kind: 'policy', name: 'p', direction: 'egress' }, [], 'reply-target-egress'),
  ],
  [
    'hook-missing',
    'calico-hooks-missing',
    () => {
      const at = { table: 'filter', chain: 'FORWARD' } as const;
      const owner = { kind: 'foreign', name: 'FORWARD', direction: null } as const;
      const defect = { ...at, node: 'n1', backend: 'iptables-legacy', flaw: 'jump', rule: null } as const;
      return changed(ending(owner, [], 'target-ingress', { ...at, index: 0 }), { 'calico-hooks': [defect] });
    },
  ],
  [
    'left-over',
    'iptables-backend-split',
    () => {
      const leftOver = { backend: 'iptables-legacy', inUse: 'nftables', sign: 'x' } as const;
      const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'dispatch', name: 'cali-to-wl-dispatch' });
      return withWalk(healthy, { ...walk, leftOver });
    },
  ],
  ['foreign', 'foreign-rule-drops', () => ending({ kind: 'foreign', name: 'FORWARD', direction: null })],
];
const all: readonly DenialClass[] = [
  'policy-rule',
  'tier-end',
  'profile-stand-in',
  'profile',
  'no-profile-matched',
  'unknown-interface',
  'tunnel-guard',
  'guard',
  'foreign',
  'not-tracked',
  'hook-missing',
  'left-over',
];

async function denied(facts: Facts) {
  const fact = await factOf(facts, 'denials');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return fact.value;
}
/** Rules that look at denials and say that one stops the flow. */
async function speaking(facts: Facts): Promise<readonly string[]> {
  const looking = rules.filter(({ requires, considers }) => [...requires, ...(considers ?? [])].includes('denials'));
  const evaluations = await Promise.all(looking.map((rule) => evaluated(rule, facts)));
  return evaluations.flatMap(({ rule, outcome }) =>
    outcome.outcome === 'fail' && outcome.findings.some(({ stopsFlow }) => stopsFlow) ? [rule.id] : [],
  );
}

describe('every class is claimed by exactly one rule', () => {
  test('and there is a case of each', () => {
    expect([...new Set(classes.map(([kind]) => kind))].toSorted()).toEqual(all.toSorted());
  });
  test.each(classes)('%s: %s', async (kind, claimed, facts) => {
    expect(new Set((await denied(facts())).denied.map((one) => one.class))).toEqual(new Set([kind]));
    expect(await speaking(facts())).toEqual([claimed]);
  });
  test.each([
    ['felix-rules-stale', live],
    ['felix-not-running', dead],
  ])('what the datastore lets through is of %s', async (claimed, felix) => {
    const allowed: ExpectedDecision = {
      leg: 'target-ingress',
      node: 'n1',
      direction: 'ingress',
      decision: 'allow',
      by: 'so it says',
      policies: [],
    };
    const endings: readonly Facts[] = [
      ending({ kind: 'policy', name: 'p', direction: 'ingress' }),
      ending({ kind: 'tier-default', name: 'default', direction: 'ingress' }),
      changed(ending({ kind: 'profile', name: 'kns.default' }), { profiles: allowAll }),
      ending({ kind: 'endpoint', name: 'cali1' }, ['Drop if no profiles matched']),
    ];
    for (const facts of endings) {
      expect(
        await speaking(
          changed(facts, {
            'expected-decisions': [allowed],
            'later-walks': [leg(facts, 'target-ingress')],
            'felix@target': felix,
          }),
        ),
      ).toEqual([claimed]);
    }
  });
});

describe('a denial says', () => {
  test('whose endpoint judged', async () => {
    const ends = await Promise.all(
      (['source-egress', 'target-ingress', 'reply-target-egress'] as const).map(async (where) =>
        (await denied(ending({ kind: 'policy', name: 'p' }, [], where))).denied.map(
          ({ end, node }) => `${end} ${node}`,
        ),
      ),
    );
    expect(ends).toEqual([['source n2'], ['destination n1'], ['destination n1']]);
  });
  test.each<[string, () => Facts, string, string | null]>([
    ['missing', () => withoutProfile, 'missing', null],
    [
      'there, and denies',
      () => changed(ending({ kind: 'profile', name: 'kns.default' }), { profiles: denyAll }),
      'exists',
      null,
    ],
    [
      'there, behind a stand-in',
      () => changed(withoutProfile, { profiles: allowAll, 'source-profiles': allowAll }),
      'exists',
      'still stands in for a missing profile, which exists now',
    ],
    [
      'not to be had',
      () => blind(withoutProfile, ['profiles', 'source-profiles'], 'datastore-unreachable'),
      'unknown',
      'the datastore could not be asked for the profiles',
    ],
    [
      'not one that the endpoint names',
      () => changed(withoutProfile, { profiles: [], 'source-profiles': [] }),
      'unknown',
      'does not name that profile',
    ],
  ])('that its profile is %s', async (_, facts, state, doubt) => {
    for (const one of (await denied(facts())).denied)
      expect([one.profile?.name, one.profile?.state, one.doubt]).toEqual([
        'kns.default',
        state,
        doubt === null ? null : expect.stringContaining(doubt),
      ]);
  });
  test('what the datastore says of it, or why nobody asked', async () => {
    const facts = ending({ kind: 'policy', name: 'p', direction: 'ingress' });
    const expected: ExpectedDecision = {
      leg: 'target-ingress',
      node: 'n1',
      direction: 'ingress',
      decision: 'deny',
      by: 'p',
      policies: [],
    };
    const other: ExpectedDecision = { ...expected, direction: 'egress' };
    expect((await denied(changed(facts, { 'expected-decisions': [other, expected] }))).denied[0]?.expected).toEqual(
      expected,
    );
    expect((await denied(changed(facts, { 'expected-decisions': [other] }))).denied[0]?.expected).toBeNull();
    expect((await denied(blind(facts, ['expected-decisions'], 'timeout'))).notCompared).toBe(
      'could not look (timeout)',
    );
  });
});

const openIn = async (facts: Facts) => (await denied(facts)).open.map(({ leg: where }) => where);

describe('where no denial says so, a leg may be open all the same', () => {
  test('not walked, or to no certain end', async () => {
    expect(await openIn(healthy)).toEqual([]);
    expect(await openIn(ending({ kind: 'policy', name: 'p' }))).toEqual([]);
    expect(
      await openIn(
        changed(healthy, { walks: valueOf(healthy, 'walks').filter((walk) => walk.leg !== 'target-ingress') }),
      ),
    ).toEqual(['target-ingress']);
    expect(await openIn(withWalk(healthy, undecided(leg(healthy, 'target-outer'))))).toEqual(['target-outer']);
  });
  test("the end is somebody's of whom nothing is known", async () => {
    const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'foreign', name: 'FORWARD' });
    expect(await openIn(withWalk(healthy, { ...walk, result: { ...walk.result, owner: null } }))).toEqual([
      'target-ingress',
    ]);
  });
  test('none where the judged port answers', async () => {
    const works = changed(healthy, { reachability: valueOf(await captured('healthy-legacy'), 'reachability') });
    expect(await openIn(withWalk(works, undecided(leg(works, 'target-outer'))))).toEqual([]);
  });
});
