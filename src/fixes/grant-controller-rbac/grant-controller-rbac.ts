import { z } from 'zod';
import {
  defineFix,
  type Applied,
  type FixContext,
  type KeptObjects,
  type Undone,
  type Written,
} from '../../model/fix.ts';
import type { LostRights, OneNode } from '../../model/fix-inputs.ts';
import type { ClusterRoleBinding } from '../../model/kubernetes.ts';
import { calicoctlGetProfileNames } from '../../commands/calicoctl.ts';
import { flowsToOtherNodes, openWays } from '../kit/controls.ts';
import { nodeShape } from '../kit/input-shapes.ts';
import { keptProfiles } from '../kit/kept-profiles.ts';
import { bind, bindingReference } from './binding.ts';
import type { Grant } from './choose-grant.ts';
import { ownName, rbac } from './controller-manifest.ts';
import { draft } from './draft.ts';
import { grantReads, look } from './look.ts';

const written = z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1) });

/** With its rights back the controller also deletes what it takes for left over. */
const profilesOfController: KeptObjects<LostRights> = {
  watches: keptProfiles.watches,
  notWatched: ({ at }) => (at === null ? 'no node is known on which calicoctl could be asked' : null),
  names: async (context, { at }) => (at === null ? [] : keptProfiles.names(context, inEtcd(at))),
  missed: async (context, { at }, gone) => (at === null ? [] : keptProfiles.missed(context, inEtcd(at), gone)),
};

/** In the Kubernetes datastore the controller makes no profiles, and nobody offers this fix. */
function inEtcd(at: OneNode) {
  return { ...at, datastore: 'etcdv3' } as const;
}

/**
 * Gives Calico's controller its reading rights back: it puts the controller's account into a binding that an
 * administrator installed without a subject. It creates and deletes nothing, and changes no role.
 */
export const grantControllerRbac = defineFix({
  id: 'grant-controller-rbac',
  description:
    "Gives the account of Calico's controllers its reading rights back: puts it into the ClusterRoleBinding " +
    'that stands ready for it.',
  risk: 'medium',
  during: { seconds: 10, traffic: 'flows go on, unless the controller now makes a policy that denies them' },
  input: z.strictObject({
    accountNamespace: z.string().min(1),
    accountName: z.string().min(1),
    missing: z.array(z.strictObject({ group: z.string(), resource: z.string(), verb: z.string() })).min(1),
    // Plans of earlier versions have none.
    at: z.strictObject(nodeShape).nullable().default(null),
  }),
  reads: [...grantReads, { verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' }],
  // Which subject may stand in the binding, RBAC cannot say: the admission policy beside these rights does.
  permissions: [
    { group: rbac, resource: 'clusterroles', verbs: ['bind'], names: [ownName] },
    { group: rbac, resource: 'clusterrolebindings', verbs: ['patch'], names: [ownName] },
  ],
  commands: [calicoctlGetProfileNames],
  controls: [{ fact: 'objects', watches: keptProfiles.watches }, openWays, flowsToOtherNodes],
  keeps: profilesOfController,
  look,
  draft,
  write,
  undo,
});

async function write(context: FixContext, _input: LostRights, grant: Grant): Promise<Written> {
  const answer = await bind(context, grant, { dryRun: false });
  if (!answer.ok) {
    const unknown = answer.status === null ? ' (the binding may be changed or not)' : '';
    return { outcome: 'failed', why: `${answer.request}: ${answer.reason}${unknown}` };
  }
  const { uid = '', resourceVersion = '' } = answer.value.metadata;
  return { outcome: 'applied', applied: { uid, resourceVersion } };
}

async function undo({ writer }: FixContext, _input: LostRights, applied: Applied): Promise<Undone> {
  // Without them the server would change whatever is there.
  const { uid, resourceVersion } = written.parse(applied);
  const nobody = { subjects: null };
  const answer = await writer.merge<ClusterRoleBinding>(
    bindingReference,
    nobody,
    { uid, resourceVersion },
    { dryRun: false },
  );
  return answer.ok
    ? { ok: true, why: `the account was taken out of ClusterRoleBinding ${ownName}` }
    : { ok: false, why: `ClusterRoleBinding ${ownName} is left alone: ${answer.reason}` };
}
