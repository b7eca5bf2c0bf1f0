import type { FixDraft } from '../../model/fix.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import type { ProfileToCreate } from '../kit/calicoctl.ts';
import { diffOfNew } from '../kit/diff.ts';
import { profileText } from '../kit/profile-object.ts';

/** Felix programs a new profile within seconds. */
const withinSeconds = 60;
const sameVersion = 'if it is still the object that was created (same uid and resourceVersion)';

export function draft(
  { profile, namespace, node, nodeAddress }: MissingProfile,
  { object, owner }: ProfileToCreate,
): FixDraft {
  const text = profileText(object);
  const opens = owner.kind !== 'account';
  const unchanged =
    owner.kind === 'old-namespace' ? 'if it still holds what was created, with the tag of this program' : sameVersion;
  return {
    title: `Create profile ${profile}`,
    reason:
      'The endpoint names this profile and the datastore lacks it, so Felix drops traffic that no policy ' +
      "decides. This creates the profile as Calico's controller would. It does not fix the controller: until " +
      'that works, every new namespace or account lacks its profile too.',
    steps: [
      {
        description: 'Create the profile, if it is still absent',
        command: `calicoctl create -f - <<'EOF'\n${text}EOF`,
        node,
      },
    ],
    diff: diffOfNew(`Profile ${profile}`, text),
    blastRadius: opens
      ? `every pod of namespace ${namespace}: the profile allows traffic that no policy selects, as in any ` +
        'namespace that has its profile. Policies still decide what they select'
      : 'labels of the pods that use this account. The profile allows nothing by itself',
    scope: { kind: 'namespace', namespace },
    risk: opens ? 'medium' : 'low',
    rollback: {
      kind: 'exact',
      description: `Delete the profile, ${unchanged}.`,
    },
    withinSeconds,
    nodes: [{ name: node, address: nodeAddress }],
  };
}
