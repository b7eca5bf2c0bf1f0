/** Two workers that tell one run at the same time, and one of which may have died. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createClock } from '../../src/adapters/clock.ts';
import { createRunStore } from '../../src/adapters/run-store.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { RunEventBody, RunStore } from '../../src/model/runs.ts';
import type { Thread } from '../../src/model/thread.ts';
import { startTestRedis } from '../support/redis.ts';
import { testSeals } from '../support/signing.ts';
import { linesOf, type ChannelMessage } from '../../tools/slack-workspace/client.ts';
import { startWorkspace, type Workspace } from '../../tools/slack-workspace/start-workspace.ts';
import { events, sampleRun, settled, started } from './sample-run.ts';

let redis: Awaited<ReturnType<typeof startTestRedis>>;
let workspace: Workspace;
let store: RunStore;
let number = 0;
const never = new AbortController().signal;
const onError = (error: Error) => {
  throw error;
};

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
beforeEach(async () => {
  workspace = await startWorkspace();
  store = createRunStore({ address: redis.address, onError, prefix: `two-${(number += 1)}` });
});
afterEach(async () => {
  await store.close();
  await workspace.stop();
});

interface Ways {
  /** What comes around an edit. */
  readonly edit?: (act: () => Promise<void>) => Promise<void>;
  /** What comes before it sleeps. */
  readonly sleeps?: () => Promise<void>;
}

function worker({ edit = (act) => act(), sleeps = async () => undefined }: Ways = {}) {
  const real = createClock();
  const clock: Clock = {
    now: () => real.now(),
    async sleep(milliseconds, signal) {
      await sleeps();
      await real.sleep(milliseconds, signal);
    },
  };
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const slack = createSlackThread({ client, clock: real });
  const thread: Thread = { ...slack, edit: (place, message) => edit(() => slack.edit(place, message)) };
  return createNotifier({ store, seals: testSeals, clock, thread, warn: () => undefined });
}

async function tellAll(...bodies: readonly RunEventBody[]): Promise<void> {
  for (const event of events(bodies)) await store.append(sampleRun, event);
}
const steps = (id: string, summary: string): RunEventBody => ({
  type: 'step-settled',
  step: settled(id, 'fail', summary),
});
const texts = () =>
  workspace.messages({ channel: 'oncall' }).map((message) => linesOf(message as unknown as ChannelMessage).join('\n'));

test('of two edits of one message the older one does not stay, in whichever order they arrive', async () => {
  await tellAll(started, steps('target', 'the first word'));
  await worker()(sampleRun, never);

  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  const firstSleeps = Promise.withResolvers<void>();
  const secondEnds = Promise.withResolvers<void>();
  let firstCame = false;
  const slow = worker({
    async edit(act) {
      if (firstCame) return act();
      firstCame = true;
      first.resolve();
      await second.promise;
      await act();
    },
    async sleeps() {
      firstSleeps.resolve();
      await secondEnds.promise;
    },
  });
  const quick = worker({
    async edit(act) {
      await act();
      second.resolve();
      // Its answer comes when the first one has told that it is done.
      await firstSleeps.promise;
    },
    sleeps: async () => second.resolve(),
  });

  await tellAll(steps('target', 'an older word'));
  const slowEnds = slow(sampleRun, never).finally(() => firstSleeps.resolve());
  await first.promise;
  await tellAll(steps('target', 'the last word'));
  await quick(sampleRun, never).finally(() => secondEnds.resolve());
  await slowEnds;
  expect(texts().join('\n')).toContain('the last word');
  expect(texts().join('\n')).not.toContain('an older word');
});

test('a post that a dead worker had claimed is posted when its claim ends, without another call', async () => {
  await tellAll(started);
  await store.once(`claim.${sampleRun}.parent`, 1);
  await worker()(sampleRun, never);
  expect(texts()).toHaveLength(1);
});

test('an edit that a dead worker had begun is made when its hold ends, without another call', async () => {
  await tellAll(started, steps('target', 'the first word'));
  await worker()(sampleRun, never);
  await store.keepFirst(`held.${sampleRun}.steps`, 'a dead worker', 1);
  await tellAll(steps('target', 'the last word'));
  await worker()(sampleRun, never);
  expect(texts().join('\n')).toContain('the last word');
});
