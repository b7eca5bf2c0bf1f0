/** The one binding that the fix changes: it stands ready without a subject. */
import type { FixContext } from '../../model/fix.ts';
import type { ClusterRoleBinding } from '../../model/kubernetes.ts';
import type { ApiAnswer } from '../../model/ports.ts';
import type { Grant } from './choose-grant.ts';
import { ownName, rbacVersion } from './controller-manifest.ts';

export const bindingReference = { apiVersion: rbacVersion, kind: 'ClusterRoleBinding', name: ownName };

/** Returns the change that puts the account into the binding. */
export function subjectsOf({ subject: { namespace, name } }: Grant): object {
  return { subjects: [{ kind: 'ServiceAccount', name, namespace }] };
}

/** Puts the account into the binding, if that is still the one that was read. */
export function bind(
  { writer }: FixContext,
  grant: Grant,
  options: { readonly dryRun: boolean },
): Promise<ApiAnswer<ClusterRoleBinding>> {
  const { uid, resourceVersion } = grant;
  return writer.merge<ClusterRoleBinding>(bindingReference, subjectsOf(grant), { uid, resourceVersion }, options);
}

/** Returns the same change, for a person to run. */
export function bindCommand(grant: Grant): string {
  return `kubectl patch clusterrolebinding ${ownName} --type merge -p '${JSON.stringify(subjectsOf(grant))}'`;
}
