import type { Evidence } from '../../model/evidence.ts';
import type { ContainerStatus, Pod } from '../../model/kubernetes.ts';
import { runsInPart } from '../../model/pod-runs.ts';
import { podStart, runningPod, type Resource } from '../../model/resource.ts';

interface Waiting {
  readonly container: string;
  readonly reason: string;
  /** What the kubelet says of it; empty: nothing. */
  readonly said: string;
}

/** Returns the first container that waits for one of these reasons, init containers before others; null: none does. */
export function waitingFor({ status }: Pod, reasons: readonly string[]): Waiting | null {
  for (const { name, state } of containersOf(status)) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    if (reasons.includes(reason)) return { container: name, reason, said: message };
  }
  return null;
}

function containersOf(status: Pod['status']): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

/** Reasons of a container that waits before the pod has its network. */
const beforeNetwork: readonly string[] = ['ContainerCreating', 'PodInitializing'];

/**
 * Whether the kubelet has come to a container of the pod: it begins with the first one when the pod has its network
 * (kubernetes, pkg/kubelet/kuberuntime/kuberuntime_manager.go, SyncPod). What ended may be of before a reboot.
 */
export function hasNetwork({ status }: Pod): boolean {
  return containersOf(status).some(
    ({ state }) =>
      state?.running !== undefined ||
      (state?.waiting?.reason !== undefined && !beforeNetwork.includes(state.waiting.reason)),
  );
}

interface Kept {
  readonly subject: { readonly kind: 'Pod'; readonly name: string };
  readonly node: string | null;
  readonly proof: 'read';
  readonly evidence: readonly Evidence[];
  readonly stopsFlow: boolean;
  readonly withholds: readonly Resource[];
}

/**
 * Returns what findings about a pod that does not start have in common. Once a pod has begun to run, other containers
 * of it may serve: then the finding alone stops no flow, but it explains a port on which nothing listens.
 */
export function keptFromStarting(pod: Pod, evidence: readonly Evidence[]): Kept {
  const name = `${pod.metadata.namespace ?? 'default'}/${pod.metadata.name}`;
  return {
    subject: { kind: 'Pod', name },
    node: pod.spec.nodeName ?? null,
    proof: 'read',
    evidence,
    stopsFlow: !runsInPart(pod),
    withholds: [podStart(name), runningPod(name)],
  };
}

/** Returns the names of a pod, as messages have them. */
export function namesOf({ metadata }: Pod): { readonly namespace: string; readonly pod: string } {
  return { namespace: metadata.namespace ?? 'default', pod: metadata.name };
}

/** Returns what was said, behind its reason, without a full stop: the sentence that holds it has its own. */
export function saidWords(reason: string, said: string): string {
  const text = said.trim();
  const words = text === '' ? reason : `${reason}: ${text}`;
  return words.endsWith('.') ? words.slice(0, -1) : words;
}
