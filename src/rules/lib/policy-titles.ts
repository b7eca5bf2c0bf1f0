import { v1PolicyKind } from '../../calico/v1-objects.ts';
import { own } from '../../model/own.ts';
import { clusterPolicyKinds, type ClusterPolicyKind } from '../../model/kubernetes.ts';
import type { Owner, PolicyName } from '../../model/ruleset/owner.ts';
import { someOf } from '../../model/words.ts';

/** How many policies a title names. */
const mostNames = 3;

/** Of `PolicyName.kind`, as people call them. */
const kinds: Readonly<Record<string, string>> = {
  KubernetesNetworkPolicy: 'NetworkPolicy',
  KubernetesClusterNetworkPolicy: 'ClusterNetworkPolicy',
  NetworkPolicy: 'Calico NetworkPolicy',
};

/** `namespace/name` or `name`. */
export function policyWords({ namespace, name }: Pick<PolicyName, 'namespace' | 'name'>): string {
  return namespace ? `${namespace}/${name}` : name;
}

/** Names policies at the beginning of a title. @param owner of the chain that ends the packet */
export function policiesTitle(names: readonly PolicyName[], owner: Owner): string {
  const [first, ...others] = names;
  if (!first) return `A policy of tier ${owner.tier ?? 'default'}`;
  if (others.length === 0) return `${kindWords(first, owner)} ${policyWords(first)}`;
  return `Policies ${someOf(names.map(policyWords), mostNames)}`;
}

/**
 * Up to Calico v3.31 a chain says no kind: Kubernetes' own policies are known by their prefix, others by their
 * namespace.
 */
function kindWords({ kind, namespace }: PolicyName, { by }: Owner): string {
  if (kind !== null) return own(kinds, kind) ?? kind;
  if (by === 'chain') return 'Policy';
  return namespace === null ? 'GlobalNetworkPolicy' : 'Calico NetworkPolicy';
}

/** Both names are as Kubernetes spells names, so that a command may hold them. */
export function canBeNamed({ namespace, name }: PolicyName): boolean {
  return [namespace ?? 'none', name].every((word) => /^[a-z0-9][a-z0-9.-]{0,252}$/.test(word));
}

/** Returns the kind, as Kubernetes spells it, of a policy of its API for the whole cluster; null: it is not one. */
export function clusterPolicyKind(kind: PolicyName['kind']): ClusterPolicyKind | null {
  return clusterPolicyKinds.find((one) => one === kind || `Kubernetes${one}` === kind) ?? null;
}

/** How to open the policy, and where its new entry goes. */
export function editCommand({ kind, namespace, name }: PolicyName, direction: 'ingress' | 'egress'): string {
  const clusterKind = clusterPolicyKind(kind);
  if (clusterKind !== null)
    return `kubectl edit ${clusterKind.toLowerCase()} ${name}   # to allow it, add at the top of spec.${direction}:`;
  if (kind === 'KubernetesNetworkPolicy')
    return `kubectl -n ${namespace} edit networkpolicy ${name}   # to allow it, add to spec.${direction}:`;
  const object =
    kind === v1PolicyKind
      ? `policy ${name}`
      : namespace === null
        ? `globalnetworkpolicy ${name}`
        : `networkpolicy ${name} -n ${namespace}`;
  return (
    `calicoctl get ${object} -o yaml > policy.yaml   # to allow it, add at the top of spec.${direction}, then ` +
    'calicoctl apply -f policy.yaml:'
  );
}
