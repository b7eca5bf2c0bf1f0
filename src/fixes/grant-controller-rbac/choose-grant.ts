import type { LastChange } from '../../model/fix.ts';
import type { ClusterRole, ClusterRoleBinding } from '../../model/kubernetes.ts';
import type { Right } from '../../model/fix-inputs.ts';
import { beyondGrantable, covers, ownName } from './controller-manifest.ts';

/** The account to bind, and the very binding to bind it in. */
export interface Grant {
  readonly subject: Account;
  readonly uid: string;
  readonly resourceVersion: string;
  /** Who applies Calico's own role and binding again; null or not given: nobody says so. */
  readonly owner?: string | null;
  /** Of the roles and bindings that were read. */
  readonly changed?: LastChange | undefined;
}
interface Account {
  readonly namespace: string;
  readonly name: string;
}

const installed = 'kubectl apply -f deploy/rbac/calico-chatops-fixes.yaml';

/**
 * Returns whether the account may be bound in the binding that stands ready for it. The fix fills in a subject and
 * changes nothing else: no role, and no binding of Calico's own.
 * @param role of `ownName`; null: there is none
 * @param binding of `ownName`; null: there is none
 */
export function chooseGrant(
  { role, binding }: { readonly role: ClusterRole | null; readonly binding: ClusterRoleBinding | null },
  missing: readonly Right[],
  subject: Account,
): Grant | { readonly why: string; readonly advice: readonly string[] } {
  if (!role || !binding)
    return {
      why: `the ${role ? 'ClusterRoleBinding' : 'ClusterRole'} ${ownName} is not installed`,
      advice: [installed],
    };
  const { uid, resourceVersion } = binding.metadata;
  if (uid === undefined || resourceVersion === undefined)
    return { why: `the API server does not say which ClusterRoleBinding ${ownName} it has`, advice: [] };
  if (binding.roleRef.kind !== 'ClusterRole' || binding.roleRef.name !== ownName)
    return changed(`ClusterRoleBinding ${ownName} binds to ${binding.roleRef.kind} ${binding.roleRef.name}`);
  const beyond = beyondGrantable(role);
  if (beyond) return changed(`ClusterRole ${ownName} gives ${beyond}`);
  if (!covers(role, missing)) return changed(`ClusterRole ${ownName} does not give all of the missing rights`);
  const [bound, ...others] = binding.subjects ?? [];
  if (
    bound &&
    others.length === 0 &&
    bound.kind === 'ServiceAccount' &&
    bound.name === subject.name &&
    bound.namespace === subject.namespace
  ) {
    return {
      why:
        `ClusterRoleBinding ${ownName} binds the account already, so something else refuses it (another ` +
        'authorizer, or the review is not of this cluster)',
      advice: [
        `kubectl auth can-i ${missing[0]?.verb ?? 'list'} ${missing[0]?.resource ?? 'namespaces'} ` +
          `--as=system:serviceaccount:${subject.namespace}:${subject.name}`,
      ],
    };
  }
  if (bound) {
    const held = [bound, ...others].map(
      ({ kind, namespace, name }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}`,
    );
    return changed(`ClusterRoleBinding ${ownName} binds ${held.join(', ')}`);
  }
  return { subject, uid, resourceVersion };
}

function changed(why: string): { readonly why: string; readonly advice: readonly string[] } {
  return {
    why: `${why}: somebody changed it`,
    advice: [`kubectl get clusterrole,clusterrolebinding ${ownName} -o yaml`, installed],
  };
}
