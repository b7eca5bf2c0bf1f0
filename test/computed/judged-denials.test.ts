import { describe, expect, test } from '@jest/globals';
import { judgedDenials, type Candidate } from '../../src/computed/lib/judged-denials.ts';
import type { Denial } from '../../src/model/denial.ts';
import type { CounterBurst } from '../../src/model/drop-counters.ts';
import type { Leg } from '../../src/model/flow-walk.ts';
import type { RuleRef } from '../../src/model/ruleset/walk.ts';

const rule: RuleRef = {
  backend: 'iptables-nft',
  family: 'ip',
  table: 'filter',
  chain: 'FORWARD',
  index: 1,
  text: '-A FORWARD -j DROP',
  comments: [],
  tag: null,
};

const counters = (packets: number) => ({ packets, bytes: packets * 60 });

/** @param walked by how many packets the rule rose; null: it has no counter */
function burst(leg: Leg, walked: number | null, change: Partial<CounterBurst> = {}): CounterBurst {
  const isProof = walked === 3;
  return {
    node: 'n1',
    leg,
    reached: 'yes',
    flow: 'asked',
    sent: 3,
    length: 60,
    proof: {
      proof: isProof ? 'counter' : 'inferred',
      rule,
      sent: { packets: 3, length: 60 },
      idle: counters(0),
      rise: walked === null ? null : counters(walked),
      readings: null,
      walked: walked === null ? null : counters(walked),
      failed: [],
    },
    ...change,
  };
}

function candidate(leg: Leg, bursts: readonly CounterBurst[] = [], change: Partial<Denial> = {}): Candidate {
  const proven = bursts.find(({ proof }) => proof.proof === 'counter') ?? null;
  const denial: Candidate['denial'] = {
    class: 'foreign',
    leg,
    node: 'n1',
    packet: { source: '10.244.2.5', destination: '10.244.1.5' },
    end: 'destination',
    owner: { kind: 'foreign', name: 'FORWARD', namespace: null, tier: null, direction: null, policies: [], by: 'name' },
    rule,
    untrackedBy: null,
    profile: null,
    proof: proven ? 'counter' : 'inferred',
    burst: proven ?? bursts[0] ?? null,
    expected: null,
    doubt: null,
    evidence: [],
    ...change,
  };
  return { denial, bursts };
}

/** `leg` of each denial, with ` stops`; and the legs that stay open. */
function judged(...candidates: readonly Candidate[]) {
  const { denied, open } = judgedDenials(candidates);
  return [denied.map(({ leg, stopsFlow }) => `${leg}${stopsFlow ? ' stops' : ''}`), open.map(({ leg }) => leg)];
}

describe('a counter that did not rise', () => {
  test.each<[string, readonly CounterBurst[], readonly string[], readonly Leg[]]>([
    ['for packets that came there is a disproof', [burst('target-ingress', 0)], [], ['target-ingress']],
    [
      'for packets that were lost before is no cause',
      [burst('target-ingress', 0, { reached: 'no' })],
      ['target-ingress'],
      [],
    ],
    [
      'for packets of which nobody knows whether they came is no cause',
      [burst('target-ingress', 0, { reached: 'unknown' })],
      ['target-ingress'],
      [],
    ],
    [
      "is none where packets from the pod's own node end there",
      [burst('target-ingress', 0, { reached: 'no' }), burst('target-ingress', 3, { flow: 'same-node' })],
      ['target-ingress stops'],
      [],
    ],
    ['is not one that the rule does not have', [burst('target-ingress', null)], ['target-ingress stops'], []],
    ['by as many, but by some, is no disproof', [burst('target-ingress', 5)], ['target-ingress stops'], []],
    ['that nobody read says nothing', [], ['target-ingress stops'], []],
  ])('%s', (_, bursts, denied, open) => {
    expect(judged(candidate('target-ingress', bursts))).toEqual([denied, open]);
  });
});

describe('a leg that no packet comes to', () => {
  test('does not stop the flow behind the one that ends it, and no policy judges an answer there', () => {
    const answer = candidate('reply-target-egress', [], { class: 'policy-rule' });
    expect(judged(candidate('source-egress'), candidate('target-ingress'), answer)).toEqual([
      ['source-egress stops', 'target-ingress'],
      [],
    ]);
  });
  test('is told of the answer where a rule outside Calico drops it', () => {
    const answer = (index: number) =>
      candidate('reply-target-egress', [], { class: 'foreign', rule: { ...rule, index } });
    const first = candidate('target-ingress');
    expect(judged(first, answer(2))).toEqual([['target-ingress stops', 'reply-target-egress'], []]);
    expect(judged(first, answer(first.denial.rule.index))).toEqual([['target-ingress stops'], []]);
  });
  test.each(['guard', 'unknown-interface', 'hook-missing', 'not-tracked'] as const)(
    'of class %s may follow from what ended the packet before, and is not told',
    (kind) => {
      expect(judged(candidate('source-egress'), candidate('target-ingress', [], { class: kind }))).toEqual([
        ['source-egress stops'],
        [],
      ]);
    },
  );
  test('is told where it refuses the packets of the tunnel', () => {
    const guard = candidate('target-outer', [], { class: 'tunnel-guard' });
    expect(judged(candidate('source-egress'), guard)).toEqual([['source-egress stops', 'target-outer'], []]);
  });
  test('is judged behind one that a counter disproves', () => {
    expect(judged(candidate('source-egress', [burst('source-egress', 0)]), candidate('target-ingress'))).toEqual([
      ['target-ingress stops'],
      ['source-egress'],
    ]);
  });
  test('is judged where counters prove its own drop', () => {
    const own = burst('target-ingress', 3, { flow: 'same-node' });
    expect(judged(candidate('source-egress'), candidate('target-ingress', [own]))).toEqual([
      ['source-egress stops', 'target-ingress stops'],
      [],
    ]);
  });
  test('is the one that ends it where the asked packets are seen to end: they passed the earlier one', () => {
    expect(judged(candidate('source-egress'), candidate('target-ingress', [burst('target-ingress', 3)]))).toEqual([
      ['target-ingress stops'],
      [],
    ]);
  });
  test.each([
    ['both ends lack it: one cause', 'missing', 'kns.default', 2],
    ['they lack different ones', 'missing', 'kns.shop', 1],
    ['it exists', 'exists', 'kns.default', 1],
  ] as const)('of a profile: %s', (_, state, name, count) => {
    const first = candidate('source-egress', [], { profile: { name: 'kns.default', state } });
    const second = candidate('target-ingress', [], { profile: { name, state } });
    expect(judgedDenials([first, second]).denied.filter(({ stopsFlow }) => stopsFlow)).toHaveLength(count);
  });
});

const behind = (change: Partial<Denial>) =>
  candidate('target-ingress', [], { rule: { ...rule, index: 2 }, ...change }).denial;
const told = (first: readonly Candidate[], ...further: readonly Candidate['denial'][]) =>
  judgedDenials(first, further).denied.map(({ class: kind, stopsFlow }) => `${kind}${stopsFlow ? ' stops' : ''}`);

describe('a drop behind the first one of a leg', () => {
  test('is told, and does not stop the flow', () => {
    expect(told([candidate('target-ingress')], behind({ class: 'tier-end' }))).toEqual(['foreign stops', 'tier-end']);
    expect(told([candidate('target-ingress')], behind({ class: 'hook-missing' }))).toEqual([
      'foreign stops',
      'hook-missing',
    ]);
  });
  test('is not told twice', () => {
    expect(told([candidate('target-ingress')], behind({ rule, onRightWayToo: true }))).toEqual(['foreign stops']);
    // It stands on the wrong way and on the right one.
    const twice = behind({ class: 'tier-end', onRightWayToo: true });
    expect(told([candidate('target-ingress')], twice, twice)).toEqual(['foreign stops', 'tier-end']);
  });
  test('is not told where the first one is disproved, or the drop may follow from it', () => {
    expect(told([candidate('target-ingress', [burst('target-ingress', 0)])], behind({ class: 'tier-end' }))).toEqual(
      [],
    );
    expect(told([candidate('target-ingress')], behind({ class: 'guard' }))).toEqual(['foreign stops']);
  });
});
