import { z } from 'zod';
import { defineFix, type Applied, type FixContext, type Undone, type Written } from '../../model/fix.ts';
import type { LostRights } from '../../model/fix-inputs.ts';
import type { ClusterRoleBinding } from '../../model/kubernetes.ts';
import { flowsToOtherNodes, openWays } from '../kit/controls.ts';
import { bind, bindingReference } from './binding.ts';
import type { Grant } from './choose-grant.ts';
import { ownName, rbac } from './controller-manifest.ts';
import { draft } from './draft.ts';
import { grantReads, look } from './look.ts';

const written = z.object({ uid: z.string().min(1), resourceVersion: z.string().min(1) });

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
  input: z.strictObject({
    accountNamespace: z.string().min(1),
    accountName: z.string().min(1),
    missing: z.array(z.strictObject({ group: z.string(), resource: z.string(), verb: z.string() })).min(1),
  }),
  reads: grantReads,
  // Which subject may stand in the binding, RBAC cannot say: the admission policy beside these rights does.
  permissions: [
    { group: rbac, resource: 'clusterroles', verbs: ['bind'], names: [ownName] },
    { group: rbac, resource: 'clusterrolebindings', verbs: ['patch'], names: [ownName] },
  ],
  commands: [],
  controls: [openWays, flowsToOtherNodes],
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
