import { createClock } from '../../src/adapters/clock.ts';
import { createSlackClient } from '../../src/adapters/slack-client.ts';
import { createSlackThread } from '../../src/adapters/slack-thread.ts';
import { createNotifier } from '../../src/bot/notifier.ts';
import { testSeals } from '../support/signing.ts';
import { store, workspace } from './served-bot.ts';

/** Makes the thread of a stored run what its events say, as a worker does. */
export async function notified(run: string): Promise<void> {
  const client = createSlackClient({ token: workspace.start.bot_token, apiUrl: workspace.apiUrl });
  const clock = createClock();
  const thread = createSlackThread({ client, clock });
  const notify = createNotifier({ store, seals: testSeals, clock, thread, warn: () => undefined });
  await notify(run, new AbortController().signal);
}
