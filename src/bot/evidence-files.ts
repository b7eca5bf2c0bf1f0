/** The evidence of a run as files in its thread: the way of the packet as a picture, then a file a finding. */
import { randomUUID } from 'node:crypto';
import { oneLine } from '../model/plain-text.ts';
import type { RunStore } from '../model/runs.ts';
import type { DrawPng, SharedFile } from '../model/thread.ts';
import { evidenceFile } from './render/evidence-view.ts';
import { pathPicture } from './render/path-picture.ts';
import type { RunState } from './render/run-state.ts';

export interface EvidenceFilesDeps {
  readonly store: Pick<RunStore, 'keepFirst' | 'forget'>;
  /** Shares a file in a thread. */
  readonly send: (file: SharedFile) => Promise<void>;
  readonly draw: DrawPng;
}

const onceSeconds = 3600;
const titleCharacters = 200;

/**
 * Sends them once. What fails may be asked for again.
 * @returns false: they are in the thread already
 */
export async function sendEvidenceFiles(
  { store, send, draw }: EvidenceFilesDeps,
  state: RunState,
  place: Pick<SharedFile, 'channel' | 'thread'>,
): Promise<boolean> {
  const key = `evidence-files.${state.run}`;
  const mine = randomUUID();
  if ((await store.keepFirst(key, mine, onceSeconds)) !== mine) return false;
  try {
    const picture = state.verdict && pathPicture(state.verdict);
    const png = picture && (await draw(picture.svg));
    if (picture && png)
      await send({ ...place, name: 'path.png', title: 'The way of the packet', alt: picture.alt, content: png });
    for (const shown of state.findings.filter(({ withdrawn }) => !withdrawn))
      await send({
        ...place,
        name: `${shown.finding.rule}.txt`,
        title: oneLine(`Evidence: ${shown.finding.title}`).slice(0, titleCharacters),
        content: evidenceFile(shown),
      });
    return true;
  } catch (error) {
    await store.forget(key, mine);
    throw error;
  }
}
