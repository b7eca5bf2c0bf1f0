import { z } from 'zod';
import type { Applied, FixContext, Undone } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import { said, undoing } from '../kit/on-node.ts';
import { calicoctlOf } from './calicoctl.ts';

const created = z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string() });

export async function undo(context: FixContext, input: MissingProfile, applied: Applied): Promise<Undone> {
  const mine = created.parse(applied);
  const calicoctl = calicoctlOf(context, input);
  return undoing(`profile ${mine.name} may be deleted or not`, async () => {
    const { object } = await calicoctl.profile(mine.name);
    if (!object) return { ok: true, why: `profile ${mine.name} is gone already` };
    const { uid, resourceVersion } = object.metadata;
    if (mine.uid === '' || uid !== mine.uid || resourceVersion !== mine.resourceVersion)
      return {
        ok: false,
        why:
          `profile ${mine.name} is not the object that was created (somebody changed or replaced it), so it is ` +
          'left alone',
      };
    const problem = calicoctl.whyNotDeleted(mine);
    if (problem !== null)
      return { ok: false, why: `profile ${mine.name} is left alone: the node's helper refuses it: ${problem}` };
    const removed = await calicoctl.delete(mine);
    return removed.exit === 0
      ? { ok: true, why: `profile ${mine.name} was deleted` }
      : { ok: false, why: `calicoctl delete: ${said(removed)}` };
  });
}
