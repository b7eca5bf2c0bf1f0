import type { FixContext, Written } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import type { ProfileToCreate } from '../kit/calicoctl.ts';
import { lostOutcome, said } from '../kit/on-node.ts';
import { calicoctlOf } from './calicoctl.ts';

export async function write(context: FixContext, input: MissingProfile, profile: ProfileToCreate): Promise<Written> {
  const calicoctl = calicoctlOf(context, input);
  const { name } = profile.object.metadata;
  const made = await calicoctl.create(profile).catch(lostOutcome);
  if (made instanceof LookError || made.exit === null) {
    const how = made instanceof LookError ? made.message : 'calicoctl did not end in time';
    return { outcome: 'failed', why: `profile ${name} may be created or not: ${how}. Check it by hand` };
  }
  if (made.exit !== 0) {
    if (/resource already exists/.test(said(made)))
      return { outcome: 'superseded', why: `profile ${name} exists already: the controller was faster` };
    return { outcome: 'failed', why: `calicoctl create: ${said(made)}` };
  }
  // Without these an undo leaves the profile alone.
  const stored = await calicoctl.profile(name).catch(lostOutcome);
  const metadata = stored instanceof LookError ? null : stored.object?.metadata;
  return {
    outcome: 'applied',
    applied: { name, uid: metadata?.uid ?? '', resourceVersion: metadata?.resourceVersion ?? '' },
  };
}
