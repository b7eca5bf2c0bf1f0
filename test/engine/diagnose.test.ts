import { describe, expect, test } from '@jest/globals';
import { flowOutcome } from '../../src/computed/flow-outcome.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { observed } from '../../src/model/evidence.ts';
import type { Flow, FlowEnd, Reachability, ReachAttempt } from '../../src/model/facts.ts';
import { onlyJudgedPortAnswers } from '../../src/model/verdict.ts';
import { giver } from '../probes/scripted.ts';

const refuse = () => {
  throw new Error('nothing may be asked here');
};
const ports = {
  cluster: { read: refuse, list: refuse, podLog: refuse, accessReview: refuse },
  shells: { shell: refuse, usage: () => ({}), close: async () => {} },
  clock: { now: () => new Date(0), sleep: async () => {} },
};
const end: FlowEnd = {
  kind: 'pod',
  namespace: 'default',
  name: 'client',
  address: '10.244.2.7',
  node: 'n2',
  nodeAddress: '10.0.0.2',
  interface: 'cali2',
};
const tcp = (number: number) => ({ protocol: 'tcp', number }) as const;
const flow: Flow = {
  source: end,
  sameNodeSource: null,
  destination: { ...end, name: 'mypod' },
  port: tcp(8080),
  otherPorts: [{ port: tcp(9090), source: end }],
  untriedPorts: [],
  asked: false,
  refusedByDesign: [],
};
const tried = (what: ReachAttempt['what'], port: number, answer: ReachAttempt['answer']): ReachAttempt => ({
  from: 'default/client',
  to: 'default/mypod',
  what,
  port: tcp(port),
  sent: 1,
  answered: 0,
  answer,
  detail: '',
});

const verdictOf = (judged: ReachAttempt['answer'], other: ReachAttempt['answer']) => {
  const reachability: Reachability = { attempts: [tried('flow', 8080, judged), tried('other-port', 9090, other)] };
  const probes = Object.entries({ flow, reachability }).map(([key, value]) => giver(key, observed(value)));
  return diagnose(
    { probes, computed: [flowOutcome], rules: [], ...ports },
    { run: 'r-1', target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: null, port: null } },
    async () => {},
  );
};

describe('the verdict says once whether the flow works', () => {
  test.each([
    ['every port answers', 'reply', 'reply', 'works', 'pass', 'seen', false],
    ['only the judged one answers', 'reply', 'none', 'fails', 'fail', 'seen', true],
    ['the other could not be tried', 'reply', 'error', 'unknown', 'inconclusive', 'seen', true],
    ['the judged one does not answer', 'none', 'reply', 'fails', 'fail', 'lost', false],
  ] as const)('%s', async (_, judged, other, state, step, hop, isOnlyJudged) => {
    const verdict = await verdictOf(judged, other);
    expect([
      verdict.flow,
      verdict.steps.find(({ id }) => id === 'reachability')?.status,
      verdict.path.at(-1)?.status,
      onlyJudgedPortAnswers(verdict),
    ]).toEqual([state, step, hop, isOnlyJudged]);
  });
});
