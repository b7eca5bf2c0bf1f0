import { expect, test } from '@jest/globals';
import type { Evaluation } from '../../src/engine/evaluate.ts';
import type { Gathering } from '../../src/engine/gather.ts';
import { settleStep } from '../../src/engine/settle-step.ts';
import { unavailable } from '../../src/model/evidence.ts';
import { clock } from './gathered.ts';

const why = 'GET /api/v1/namespaces/default/pods/mypod: no answer within 10000 ms';
const inconclusive = (words: string) =>
  ({ rule: {}, outcome: { outcome: 'inconclusive', why: words }, missing: [] }) as unknown as Evaluation;

test('a step whose packets were not sent says a reason once, and every other one', async () => {
  const doubts = [
    `not checked: the ends of the flow: needs pod: ${why}`,
    `not checked: rules inside the pod: needs pod: ${why}`,
    'not checked: listeners: there is no ss on node-a',
    'not checked: listeners: there is no ss on node-a',
  ];
  const gathering = {
    fact: async () => unavailable('needed-fact-missing', `needs pod: ${why}`),
  } as unknown as Gathering;
  const step = await settleStep('reachability', doubts.map(inconclusive), gathering, new Date(0), clock);
  expect([step.status, step.summary]).toEqual([
    'inconclusive',
    `needs pod: ${why}; not checked: listeners: there is no ss on node-a`,
  ]);
});
