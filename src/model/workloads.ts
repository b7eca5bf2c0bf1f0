/** What makes pods, as the pods themselves name it: no other object need be read for it. */
import { addressValue } from './addresses.ts';
import type { Pod } from './kubernetes.ts';
import type { TargetKind } from './target.ts';

export type WorkloadKind = Exclude<TargetKind, 'service' | 'selector' | 'address'>;

/** Kinds of apps/v1, by how a target names them. */
export const workloadKinds: Readonly<Record<WorkloadKind, string>> = {
  deployment: 'Deployment',
  statefulset: 'StatefulSet',
  daemonset: 'DaemonSet',
};

/** Whether the address is the pod's alone: a node shares its own, and a pod that ended keeps the one it had. */
export function ownsAddress({ spec, status }: Pod): boolean {
  return !spec.hostNetwork && status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Whether it is one of the pod's addresses. A query can name the first one alone (`status.podIP`). */
export function hasAddress({ status }: Pod, address: string): boolean {
  const asked = addressValue(address);
  return [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].some((stated) => {
    const own = stated === undefined ? null : addressValue(stated);
    return own !== null && own.width === asked?.width && own.value === asked.value;
  });
}

/** Pods of a namespace that are looked through for those of one workload. */
export const mostPodsOfNamespace = 1000;

/**
 * The name of the workload of a kind that a pod belongs to; null: to none. A Deployment's ReplicaSet has its name and
 * the hash of the pod's template, which the pod has as a label; a ReplicaSet without one stands for itself.
 */
export function workloadOf({ metadata }: Pod, kind: WorkloadKind): string | null {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (kind !== 'deployment') return owner?.kind === workloadKinds[kind] ? owner.name : null;
  if (owner?.kind !== 'ReplicaSet') return null;
  const end = `-${metadata.labels?.['pod-template-hash']}`;
  return owner.name.endsWith(end) ? owner.name.slice(0, -end.length) : owner.name;
}
