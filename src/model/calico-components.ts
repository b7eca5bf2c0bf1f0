/**
 * Calico's own parts of a cluster, by what a tenant cannot set: the namespace, the name of the workload there, and the
 * uid of the object that owns a pod. A label or a pod's name proves nothing: anyone who may create a pod sets them.
 */
import type { KubernetesObject, Pod } from './kubernetes.ts';

/** Where the manifests and the operator install Calico. */
export const defaultCalicoNamespaces: readonly string[] = ['kube-system', 'calico-system'];

export interface ComponentName {
  readonly kind: 'Deployment' | 'DaemonSet';
  /** Names of the workload: today's first, then those of older or other manifests. */
  readonly names: readonly [string, ...string[]];
}
export const controllersComponent: ComponentName = {
  kind: 'Deployment',
  names: ['calico-kube-controllers', 'calico-policy-controller'],
};
export const nodeComponent: ComponentName = { kind: 'DaemonSet', names: ['calico-node', 'canal'] };
export const typhaComponent: ComponentName = { kind: 'Deployment', names: ['calico-typha'] };
export const apiServerComponent: ComponentName = { kind: 'Deployment', names: ['calico-apiserver'] };

/** The label that Calico's manifests give their pods, and that anyone may give theirs. */
export const componentLabel = 'k8s-app';
export const componentLabels: readonly string[] = ['calico-kube-controllers', 'calico-policy', 'calico-node', 'canal'];

/**
 * Returns the pods that belong to this very workload: their controller is it, or a ReplicaSet whose controller is it.
 * @param replicaSets of the workload's namespace; a DaemonSet has none
 */
export function podsOf(
  workload: KubernetesObject,
  replicaSets: readonly KubernetesObject[],
  pods: readonly Pod[],
): readonly Pod[] {
  const { namespace, uid } = workload.metadata;
  if (uid === undefined) return [];
  const owners = new Set([
    uid,
    ...replicaSets.flatMap((set) =>
      set.metadata.namespace === namespace && controllerOf(set) === uid ? (set.metadata.uid ?? []) : [],
    ),
  ]);
  return pods.filter((pod) => pod.metadata.namespace === namespace && owners.has(controllerOf(pod) ?? ''));
}

function controllerOf({ metadata }: KubernetesObject): string | null {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? null;
}
