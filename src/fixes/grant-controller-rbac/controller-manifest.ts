/**
 * What Calico's manifest gives its controllers, and what of it a fix may give back. Source: manifests/calico-etcd.yaml.
 */
import type { Right } from '../../model/fix-inputs.ts';
import type { ClusterRole, PolicyRule } from '../../model/kubernetes.ts';

/** A role that gives what may be granted, and its binding without a subject: an administrator installs both. */
export const ownName = 'calico-chatops-controller-grant';
export const rbac = 'rbac.authorization.k8s.io';
export const rbacVersion = `${rbac}/v1`;

/** Rights to read what the controllers turn into profiles, policies and labels. Nothing else is ever granted. */
export const grantable: readonly { readonly group: string; readonly resources: readonly string[] }[] = [
  { group: '', resources: ['pods', 'nodes', 'namespaces', 'serviceaccounts'] },
  { group: 'networking.k8s.io', resources: ['networkpolicies'] },
];
const readVerbs = ['get', 'list', 'watch'];

export function isGrantable({ group, resource, verb }: Right): boolean {
  return (
    readVerbs.includes(verb) && grantable.some((rule) => rule.group === group && rule.resources.includes(resource))
  );
}

export function nameOfRight({ group, resource, verb }: Right): string {
  return `${verb} ${resource}${group ? `.${group}` : ''}`;
}

/** All of what may be granted, as rules of a role: one a group. */
export const grantRules: readonly PolicyRule[] = grantable.map(({ group, resources }) => ({
  apiGroups: [group],
  resources,
  verbs: readVerbs,
}));

/** Whether a role gives every one of these rights, cluster-wide. */
export function covers(role: ClusterRole, missing: readonly Right[]): boolean {
  return missing.every((right) =>
    (role.rules ?? []).some(
      (rule) =>
        !rule.resourceNames?.length &&
        has(rule.apiGroups, right.group) &&
        has(rule.resources, right.resource) &&
        has(rule.verbs, right.verb),
    ),
  );
}

/**
 * Names a right that a role gives beyond what may be granted: then the role was changed, and nobody is bound to it.
 * null: none.
 */
export function beyondGrantable(role: ClusterRole): string | null {
  for (const { apiGroups = [], resources = [], verbs, nonResourceURLs = [] } of role.rules ?? []) {
    if (nonResourceURLs.length > 0) return `${verbs.join(', ')} ${nonResourceURLs.join(', ')}`;
    const rights = apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => ({ group, resource, verb }))),
    );
    const odd = rights.find((right) => !isGrantable(right));
    if (odd) return nameOfRight(odd);
  }
  return null;
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes('*'));
}
