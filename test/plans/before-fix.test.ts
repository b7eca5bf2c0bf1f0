import { expect, test } from '@jest/globals';
import { jobHandlers } from '../../src/jobs/worker.ts';
import { noQuestions } from '../support/no-questions.ts';
import { approve, deps, plan, signal, world } from './attacked-store.ts';

test('what the token of the bot opens is asked before a fix is applied', async () => {
  const appliedBefore: number[] = [];
  const { fix } = jobHandlers({
    ...deps,
    ...noQuestions,
    followUpMinutes: [],
    notify: async () => undefined,
    beforeFix: () => void appliedBefore.push(world.applied),
  });
  await approve();
  await fix.run({ plan: plan.id, action: 'apply' }, signal);
  expect({ appliedBefore, applied: world.applied }).toEqual({ appliedBefore: [0], applied: 1 });
});
