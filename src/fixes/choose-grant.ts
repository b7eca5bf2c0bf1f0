import type { ClusterRole, ClusterRoleBinding } from '../model/kubernetes.ts';
import { covers, managedBy, manifestName, ownName, rbac, rbacVersion, rulesFor, widerThanManifest, type Right } from './controller-manifest.ts';

/** Objects to create, in this order. */
export interface Grant {
  readonly role: ClusterRole | null;
  readonly binding: ClusterRoleBinding;
}

/** What is there now; null: nothing of that name. */
export interface Existing {
  readonly role: ClusterRole | null;
  readonly binding: ClusterRoleBinding | null;
  readonly ownRole: ClusterRole | null;
  readonly ownBinding: ClusterRoleBinding | null;
}

/**
 * The manifest's binding where its role has the verbs; else a role of our own with the missing verbs alone, and a
 * binding to that. What is there is never changed: a binding's roleRef cannot be, and a role may be shared.
 */
export function chooseGrant(existing: Existing, missing: readonly Right[], account: { readonly namespace: string; readonly name: string }): Grant | { readonly why: string; readonly advice: readonly string[] } {
  const { role, binding, ownRole, ownBinding } = existing;
  const usable = role !== null && covers(role, missing) && widerThanManifest(role) === null;
  if (usable && binding === null) return { role: null, binding: bindingTo(manifestName, manifestName, account) };
  if (usable && bindsAccount(binding, manifestName, account)) {
    return { why: `role and binding ${manifestName} are in place, so something else refuses the account (another authorizer, or the review is not of this cluster)`, advice: [`kubectl auth can-i ${missing[0]?.verb ?? 'list'} ${missing[0]?.resource ?? 'namespaces'} --as=system:serviceaccount:${account.namespace}:${account.name}`] };
  }
  if (ownBinding !== null) return taken('ClusterRoleBinding');
  if (usable) return { role: null, binding: bindingTo(ownName, manifestName, account) };
  if (ownRole !== null) return taken('ClusterRole');
  return { role: { apiVersion: rbacVersion, kind: 'ClusterRole', metadata: { name: ownName, labels: managedBy }, rules: rulesFor(missing) }, binding: bindingTo(ownName, ownName, account) };
}

function taken(kind: string): { readonly why: string; readonly advice: readonly string[] } {
  return { why: `a ${kind} ${ownName} of an earlier grant is there and is not enough; it is not changed by a button`, advice: [`kubectl get ${kind.toLowerCase()} ${ownName} -o yaml`, `kubectl apply -f calico-etcd.yaml`] };
}

function bindingTo(name: string, role: string, account: { readonly namespace: string; readonly name: string }): ClusterRoleBinding {
  return {
    apiVersion: rbacVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, labels: managedBy },
    roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
  };
}

function bindsAccount(binding: ClusterRoleBinding | null, role: string, account: { readonly namespace: string; readonly name: string }): boolean {
  return binding?.roleRef.kind === 'ClusterRole' && binding.roleRef.name === role && (binding.subjects ?? []).some((subject) => subject.kind === 'ServiceAccount' && subject.name === account.name && subject.namespace === account.namespace);
}

