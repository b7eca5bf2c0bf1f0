import { describe, expect, test } from '@jest/globals';
import { flowOutcome } from '../../src/computed/flow-outcome.ts';
import { triedOutcome } from '../../src/computed/tried-outcome.ts';
import { passage } from '../../src/computed/passage.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { defineComputed, type ComputedFact } from '../../src/model/computed.ts';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { Reachability, ReachAttempt } from '../../src/model/reachability.ts';
import type { Probe } from '../../src/model/probe.ts';
import type { Rule } from '../../src/model/rule.ts';
import { rules } from '../../src/rules/registry.ts';
import { end, flowWith, tcp, tried } from '../support/attempts.ts';
import { giver } from '../probes/scripted.ts';

const refuse = () => {
  throw new Error('nothing may be asked here');
};
const ports = {
  cluster: { read: refuse, list: refuse, podLog: refuse, accessReview: refuse },
  shells: { shell: refuse, usage: () => ({}), close: async () => {} },
  clock: { now: () => new Date(0), sleep: async () => {} },
};
const flow = flowWith({ otherPorts: [{ port: tcp(9090), source: end }] });

const verdictOf = (judged: ReachAttempt['answer'], other: ReachAttempt['answer']) => {
  const reachability: Reachability = { attempts: [tried('flow', 8080, judged), tried('other-port', 9090, other)] };
  const probes = Object.entries({ flow, reachability }).map(([key, value]) => giver(key, observed(value)));
  return diagnose(
    { probes, computed: [flowOutcome, triedOutcome, passage], rules: [], ...ports },
    { run: 'r-1', target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null } },
    async () => {},
  );
};

const essential = (key: string, fact: Fact<unknown>) => ({ ...giver(key, fact), essential: true }) as Probe;

describe('essential facts', () => {
  const reachability: Reachability = { attempts: [tried('flow', 8080, 'reply'), tried('other-port', 9090, 'reply')] };
  const asking = {
    ...rules[0],
    requires: ['namespace'],
    considers: [],
    judge: () => ({ outcome: 'pass', by: 'all is well' }),
  } as unknown as Rule;
  const seen = {
    flow: observed(flow),
    reachability: observed(reachability),
    namespace: observed({ metadata: { name: 'default' } }),
  };
  const lost = unavailable('ssh-lost', 'the connection was lost');
  const verdictFor = (ruleSet: readonly Rule[], more: readonly Probe[], own: readonly ComputedFact[] = []) =>
    diagnose(
      {
        probes: [...Object.entries(seen).map(([key, fact]) => giver(key, fact)), ...more],
        computed: [flowOutcome, triedOutcome, ...own],
        rules: ruleSet,
        ...ports,
        shells: { ...ports.shells, shell: ({ name }) => ({ node: name, start: refuse }) },
      },
      { run: 'r-1', target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null } },
      async () => {},
    );

  test('all there: healthy', async () => {
    expect(await verdictFor([asking], [essential('pods', observed([]))])).toMatchObject({ verdict: 'healthy' });
  });
  test('one is missing that no rule asks for: inconclusive, and told', async () => {
    expect(await verdictFor([asking], [essential('pods', lost)])).toMatchObject({
      verdict: 'inconclusive',
      blindSpots: expect.arrayContaining([expect.objectContaining({ probe: 'given-pods', code: 'ssh-lost' })]),
    });
  });
  test('one of a node is missing', async () => {
    const node = { metadata: { name: 'n2' }, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.2' }] } };
    const there = [
      giver('nodes', observed([node])),
      giver('pod', observed({ metadata: { name: 'mypod' }, spec: { nodeName: 'n2', containers: [] } })),
    ];
    expect(await verdictFor([asking], [...there, essential('links@target', observed([]))])).toMatchObject({
      verdict: 'healthy',
    });
    expect(await verdictFor([asking], [...there, essential('links@target', lost)])).toMatchObject({
      verdict: 'inconclusive',
      blindSpots: expect.arrayContaining([expect.objectContaining({ code: 'ssh-lost' })]),
    });
  });
  test('a computed one is missing because a fact beside it is', async () => {
    const resting = defineComputed({
      id: 'controller-log',
      description: '',
      essential: true,
      needs: ['pods'],
      compute: () => observed([]),
    });
    expect(await verdictFor([asking], [giver('pods', lost)], [resting])).toMatchObject({
      verdict: 'inconclusive',
      blindSpots: expect.arrayContaining([expect.objectContaining({ probe: 'given-pods' })]),
    });
    expect(await verdictFor([asking], [giver('pods', observed([]))], [resting])).toMatchObject({ verdict: 'healthy' });
  });
  test('one that does not apply is not missing', async () => {
    expect(await verdictFor([asking], [essential('pods', unavailable('not-applicable', 'no'))])).toMatchObject({
      verdict: 'healthy',
    });
  });
  test('a rule set that asks nothing is never healthy', async () => {
    for (const fact of [observed([]), lost])
      expect(await verdictFor([], [essential('pods', fact)])).toMatchObject({ verdict: 'inconclusive', flow: 'works' });
  });
});

describe('the verdict says once whether the flow works', () => {
  test.each([
    ['every port answers', 'reply', 'reply', 'works', 'pass', 'seen', null],
    ['only the judged one answers', 'reply', 'none', 'fails', 'fail', 'seen', 'judged-port'],
    ['the other could not be tried', 'reply', 'error', 'unknown', 'inconclusive', 'seen', 'judged-port'],
    ['the judged one does not answer', 'none', 'reply', 'fails', 'fail', 'lost', null],
    [
      'the judged one is refused: its refusal is a packet that came back',
      'refused',
      'reply',
      'fails',
      'fail',
      'seen',
      null,
    ],
  ] as const)('%s', async (_, judged, other, state, step, hop, part) => {
    const verdict = await verdictOf(judged, other);
    expect([
      verdict.flow,
      verdict.steps.find(({ id }) => id === 'reachability')?.status,
      verdict.path.at(-1)?.status,
      verdict.answeredPart,
    ]).toEqual([state, step, hop, part]);
  });
});
