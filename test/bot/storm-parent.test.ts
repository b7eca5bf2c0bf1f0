/** The message of a storm says what to do, however much else there is to say. */
import { expect, test } from '@jest/globals';
import { runMessages } from '../../src/bot/render/run-messages.ts';
import { victimStates, type RunEventBody } from '../../src/model/runs.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { at, events, sampleAlert, sampleRun, sampleVictim, wholeRun } from './sample-run.ts';

const victims = (count: number) =>
  [...Array(count).keys()].map((index): RunEventBody => {
    const state = victimStates[index % victimStates.length] ?? 'waiting';
    return { type: 'victim', victim: { ...sampleVictim, run: `r-v${index}`, target: `shop/api-${index}`, state } };
  });
const alert: RunEventBody = { type: 'alert', status: 'firing', alert: sampleAlert };
const asked: RunEventBody = { type: 'attention', what: 'acknowledged', by: 'U0BOB', until: null };

function parentOf(...bodies: readonly RunEventBody[]): string {
  const [parent] = runMessages(sampleRun, events([...wholeRun, ...bodies]), null, new Date(at));
  return linesOf({ ...parent?.content } as unknown as ChannelMessage).join('\n');
}

test('with one more target, the parent has all that is to do', () => {
  expect(parentOf(alert, ...victims(1))).toContain('To do, in this order');
});

test.each([8, 200])('with %d more targets of all kinds, it says what to do first, and keeps its buttons', (count) => {
  const parent = parentOf(alert, asked, ...victims(count));
  expect(parent).toMatch(/To do(?: first:|, in this order)/);
  expect(parent).toContain('Ask the cloud network team');
  expect(parent).toMatch(/more targets fire/);
  expect(parent).toContain('The thread has the list.');
  expect(parent).toContain('[Review fix]');
  expect(parent.split(/\s+/).length).toBeLessThanOrEqual(140);
});
