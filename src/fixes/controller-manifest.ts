/** What Calico's manifest gives its controllers, and what of it a fix may give back. Source: manifests/calico-etcd.yaml. */
import { z } from 'zod';
import type { ClusterRole, PolicyRule } from '../model/kubernetes.ts';

/** Account, role and binding of the manifest are called alike. */
export const manifestName = 'calico-kube-controllers';
export const manifestNamespace = 'kube-system';
/** Role and binding that this fix makes of its own where the manifest's do not serve. */
export const ownName = 'calico-chatops-controller-grant';
export const rbac = 'rbac.authorization.k8s.io';
export const rbacVersion = `${rbac}/v1`;
export const managedBy = { 'app.kubernetes.io/managed-by': 'calico-chatops' };

export const rights = z.array(z.object({ group: z.string(), resource: z.string(), verb: z.string() })).min(1);
export type Right = z.infer<typeof rights>[number];

/** Rights to read what the controllers turn into profiles, policies and labels. Nothing else is ever granted. */
export const grantable: readonly { readonly group: string; readonly resources: readonly string[] }[] = [
  { group: '', resources: ['pods', 'nodes', 'namespaces', 'serviceaccounts'] },
  { group: 'networking.k8s.io', resources: ['networkpolicies'] },
];
export const readVerbs = ['get', 'list', 'watch'];

export function isGrantable({ group, resource, verb }: Right): boolean {
  return readVerbs.includes(verb) && grantable.some((rule) => rule.group === group && rule.resources.includes(resource));
}

export function nameOfRight({ group, resource, verb }: Right): string {
  return `${verb} ${resource}${group ? `.${group}` : ''}`;
}

/** Missing rights as the fewest rules, one a group and resource, in a settled order. */
export function rulesFor(missing: readonly Right[]): readonly PolicyRule[] {
  const byResource = Map.groupBy(missing, ({ group, resource }) => `${group}/${resource}`);
  return [...byResource.values()]
    .map(([first, ...more]) => ({ first: first ?? missing[0], verbs: [first, ...more].flatMap((right) => (right ? [right.verb] : [])) }))
    .flatMap(({ first, verbs }) => (first ? [{ apiGroups: [first.group], resources: [first.resource], verbs: [...new Set(verbs)].toSorted() }] : []))
    .toSorted((a, b) => `${a.apiGroups[0]}/${a.resources[0]}`.localeCompare(`${b.apiGroups[0]}/${b.resources[0]}`));
}

/** Whether a role gives every one of these rights, cluster-wide. */
export function covers(role: ClusterRole, missing: readonly Right[]): boolean {
  return missing.every((right) =>
    (role.rules ?? []).some((rule) => !rule.resourceNames?.length && has(rule.apiGroups, right.group) && has(rule.resources, right.resource) && has(rule.verbs, right.verb)),
  );
}

/** What makes a role wider than any manifest of Calico's controllers: binding it would hand that out. null: nothing. */
export function widerThanManifest(role: ClusterRole): string | null {
  for (const rule of role.rules ?? []) {
    const all = [...(rule.apiGroups ?? []), ...(rule.resources ?? []), ...rule.verbs];
    if (all.includes('*')) return 'it has a wildcard';
    const forbidden = rule.verbs.find((verb) => ['escalate', 'bind', 'impersonate'].includes(verb)) ?? rule.resources?.find((resource) => ['secrets', 'pods/exec', 'serviceaccounts/token'].includes(resource)) ?? rule.apiGroups?.find((group) => group === rbac);
    if (forbidden) return `it has ${forbidden}`;
  }
  return null;
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes('*'));
}
