import type { FixContext } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import { calicoctlOn, type Calicoctl } from '../kit/calicoctl.ts';
import { oldCalicoctlOn } from '../kit/calicoctl-v1.ts';
import { profileOwner } from '../kit/profile-object.ts';

/**
 * Returns calicoctl on the pod's node, which runs the commands that this fix declares. The name of the profile says of
 * which version of Calico it is.
 */
export function calicoctlOf({ shells }: FixContext, input: MissingProfile): Calicoctl {
  const place = { name: input.node, address: input.nodeAddress };
  return profileOwner(input.profile, input.namespace)?.kind === 'old-namespace'
    ? oldCalicoctlOn(shells, place, input)
    : calicoctlOn(shells, place);
}
