import { describe, expect, test } from '@jest/globals';
import type { ProgramCounts } from '../../../src/model/ebpf-programs.ts';
import type { RuleRef, WalkResult } from '../../../src/model/ruleset/walk.ts';
import { proveByPrograms, riseFor, risenDrops, type ProgramBurst } from '../../../src/probes/lib/program-proofs.ts';
import { parseCounters } from '../../../src/probes/parse/ebpf-maps.ts';
import { parsePolicyDump } from '../../../src/probes/parse/ebpf-policy.ts';
import { readCapture } from '../../cases/capture.ts';

const pod = 'cali4e199eba087';

function counted(capture: string, when: 'before' | 'after'): ProgramCounts {
  const text = (file: string) => readCapture(capture).text(`n1/${when}.${file}.txt`) ?? '';
  return {
    at: '2026-11-25T19:28:31.000Z',
    hooks: parsePolicyDump(text(`policy-dump-${pod}`)),
    counters: parseCounters(text('counters-dump'), pod),
  };
}

function endingAt(direction: 'ingress' | 'egress', index: number, text: string): WalkResult {
  const chain = direction === 'ingress' ? 'tc egress' : 'tc ingress';
  const rule = { backend: 'ebpf', family: 'ip', table: pod, chain, index, text, comments: [], tag: null } as RuleRef;
  return { decision: 'drop', rule, owner: { direction }, uncertainties: [] } as unknown as WalkResult;
}

const metadata = endingAt(
  'egress',
  1,
  'Rule: security.no-egress-to-metadata  Action: deny  Match: dst={169.254.169.254/32}',
);
const denyWeb = endingAt('ingress', 1, 'End Tier: default  (action: deny)');

/** One connect to the metadata service, three SYNs long: counted by the rule and as drops of the interface. */
function burst(over: Partial<ProgramBurst> = {}, capture = 'policies-bpf'): ProgramBurst {
  const before = counted(capture, 'before');
  return {
    idle: before,
    before,
    after: counted(capture, 'after'),
    packets: 3,
    length: 60,
    notSeen: [],
    walk: metadata,
    ...over,
  };
}
const failing = (over: Partial<ProgramBurst>, capture?: string) =>
  proveByPrograms(burst(over, capture)).failed.map(({ condition }) => condition);
const after = (change: (counts: ProgramCounts) => ProgramCounts, capture = 'policies-bpf') =>
  change(counted(capture, 'after'));
const dropping =
  (direction: 'ingress' | 'egress', packets: number) =>
  (counts: ProgramCounts): ProgramCounts => ({
    ...counts,
    counters: { ...counts.counters, [direction]: { dropped: { 'by policy': packets }, total: 999 } },
  });

describe('a rule that denies, as a real node counts it', () => {
  test('rule and interface rise by exactly what was sent: a proof', () => {
    expect(proveByPrograms(burst())).toMatchObject({
      proof: 'counter',
      rise: { packets: 3 },
      idle: { packets: 0 },
      readings: { before: { packets: 0 }, after: { packets: 3 } },
    });
  });
  test.each<[string, Partial<ProgramBurst>, string]>([
    ['another number was sent', { packets: 4 }, 'rise'],
    ['too few were sent', { packets: 2 }, 'fresh-flows'],
    ['nobody counted the idle window', { idle: { ...counted('policies-bpf', 'before'), counters: {} } }, 'idle-window'],
    ['it rose in the idle window', { before: counted('policies-bpf', 'after') }, 'idle-window'],
    ['the captures did not see them arrive', { notSeen: ['0 of 3'] }, 'all-seen'],
    [
      'another pod of the node met the rule: the interface counted none',
      { after: after(dropping('egress', 0)) },
      'rise',
    ],
    ['the interface was not counted', { after: after((counts) => ({ ...counts, counters: {} })) }, 'rise'],
    ['the policies changed', { after: counted('policy-denies-ingress-bpf', 'after') }, 'same-rule'],
    ['a counter began anew', { after: after(dropping('egress', -1)) }, 'rise'],
  ])('no proof: %s', (_, over, condition) => {
    expect(failing(over)).toContain(condition);
    expect(proveByPrograms(burst(over)).proof).toBe('inferred');
  });
});

describe('the end of a tier, which no dump counts', () => {
  test('all 26 denied packets of a real node are its own, where no other end is open: a proof', () => {
    expect(proveByPrograms(burst({ walk: denyWeb, packets: 26 }, 'policy-denies-ingress-bpf'))).toMatchObject({
      proof: 'counter',
      rise: { packets: 26 },
    });
  });
  test('what rules denied meanwhile may be ours', () => {
    const walk = endingAt('ingress', 9, 'End Tier: default  (action: deny)');
    expect(failing({ walk, packets: 19 })).toContain('only-one');
  });
  test('of two ends, only what was passed on says which', () => {
    const walk = endingAt('ingress', 9, 'End Tier: default  (action: deny)');
    const quiet = (counts: ProgramCounts, passed: number, dropped: number): ProgramCounts => {
      const hook = counted('policies-bpf', 'before').hooks.ingress;
      if (!hook) throw new Error('no hook');
      const tiers = hook.tiers.map((tier) => ({
        ...tier,
        policies: tier.policies.map((policy) => ({
          ...policy,
          rules: policy.rules.map((rule) => ({
            ...rule,
            hits: rule.action === 'next-tier' && rule.match === null ? passed : 0,
          })),
        })),
      }));
      return dropping('ingress', dropped)({ ...counts, hooks: { ingress: { ...hook, tiers } } });
    };
    const before = quiet(counted('policies-bpf', 'before'), 0, 0);
    const common = { idle: before, before, walk };
    expect(failing({ ...common, after: quiet(before, 3, 3) })).toEqual([]);
    expect(failing({ ...common, after: quiet(before, 0, 3) })).toEqual(['only-one']);
    expect(failing({ ...common, walk: endingAt('ingress', 6, 'End'), after: quiet(before, 3, 3) })).toEqual([
      'only-one',
    ]);
  });
});

describe('drops by reason', () => {
  const [before, later] = (['before', 'after'] as const).map((when) => counted('policy-denies-ingress-bpf', when));
  test('only those that rose, with their rise', () => {
    if (!before || !later) throw new Error('not counted');
    expect(risenDrops(before, later, 'ingress')).toEqual([{ reason: 'by policy', rise: 26 }]);
    expect(risenDrops(before, later, 'egress')).toEqual([]);
    expect(risenDrops(before, before, 'ingress')).toEqual([]);
  });
  test('a window that was not read has no count', () => {
    expect(riseFor('by policy', [before, undefined], 'ingress')).toBeNull();
    expect(riseFor('by policy', [later, later], 'ingress')).toBe(0);
    expect(riseFor('constructor', [before, later], 'ingress')).toBeNull();
  });
});
