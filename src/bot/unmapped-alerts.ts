/** Alerts that name nothing to diagnose are said, so that nobody waits for a diagnosis. */
import { createHash } from 'node:crypto';
import type { RunStore } from '../model/runs.ts';
import { ThreadError, type Thread } from '../model/thread.ts';
import type { Received } from '../runs/surface.ts';
import { unmappedMessage, type UnmappedShown } from './render/alert-message.ts';

export interface UnmappedDeps {
  readonly store: RunStore;
  readonly thread: Thread;
}

const oneDaySeconds = 86_400;
/** Messages about such alerts in a channel: those above it are said with the next delivery. */
const messagesOf = { holds: 3, everyMs: 60_000 } as const;

/**
 * Says each once, all of a delivery in one message.
 * @throws ThreadError when they could not be said: Alertmanager delivers again
 */
export async function tellUnmapped(deps: UnmappedDeps, received: readonly Received[]): Promise<void> {
  const unmapped = received.flatMap((one) =>
    'unmapped' in one && one.unmapped ? [{ alert: one.alert, why: one.ignored, ...one.unmapped }] : [],
  );
  for (const channel of new Set(unmapped.map((one) => one.channel)))
    await tellIn(
      deps,
      channel,
      unmapped.filter((one) => one.channel === channel),
    );
}

async function tellIn(
  { store, thread }: UnmappedDeps,
  channel: string,
  unmapped: readonly (UnmappedShown & { readonly id: string })[],
): Promise<void> {
  const known = await Promise.all(unmapped.map(({ id }) => store.recall(`unmapped.${id}`)));
  const fresh = unmapped.filter((_one, index) => known[index] === null);
  if (fresh.length === 0 || (await store.takeToken(`unmapped.${channel}`, messagesOf)) > 0) return;
  const ids = fresh.map(({ id }) => id);
  const key = `unmapped/${createHash('sha256').update(ids.join(' ')).digest('hex').slice(0, 24)}`;
  const message = { channel, thread: null, key, content: unmappedMessage(fresh) };
  try {
    await thread.post(message);
  } catch (error) {
    const isLost = error instanceof ThreadError && error.trouble === 'unknown';
    if (!isLost || (await thread.find(message)) === null) throw error;
  }
  await Promise.all(ids.map((id) => store.remember(`unmapped.${id}`, 'told', oneDaySeconds)));
}
