/** Why a Service has no endpoint to which its traffic may go, for people. */
import type { Fact } from '../../model/evidence.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { numberAt, usableEndpoints, type ServicePort, type ServiceState } from '../../model/service.ts';
import { saidWords } from './pod-start.ts';

/** Returns one or two sentences. */
export function noEndpointWords(
  { endpoints, selector, onlyLocal }: ServiceState,
  port: ServicePort,
  node: string | null,
  pod: Fact<Pod>,
): string {
  if (endpoints.length === 0) return emptyWords(selector, pod);
  const served = endpoints.filter((one) => numberAt(one, port) !== null);
  if (served.length === 0) return `No pod of it has a port for its targetPort ${port.targetPort}.`;
  const ready = served.filter((one) => one.ready !== 'no');
  if (onlyLocal && ready.length > 0)
    return `Its internalTrafficPolicy is Local, and no ready pod of it is on ${node ?? "the sender's node"}.`;
  const words = served.map(({ pod, address }) => pod ?? address);
  return `${words.length} of ${words.length} are not ready: ${words.slice(0, 5).join(', ')}.${unreadyWords(pod)}`;
}

/** Pods of other nodes are ready, to which an internalTrafficPolicy of Local does not lead: kube-proxy drops then. */
export function isElsewhere(service: ServiceState, port: ServicePort): boolean {
  return service.onlyLocal && usableEndpoints({ ...service, onlyLocal: false }, port, null).length > 0;
}

/** What Kubernetes says of the judged pod, where it runs: its readiness probe fails, or a readiness gate is closed. */
function unreadyWords(pod: Fact<Pod>): string {
  if (pod.status === 'unavailable' || pod.value.status?.phase !== 'Running') return '';
  const ready = pod.value.status.conditions?.find(({ type, status }) => type === 'Ready' && status !== 'True');
  if (!ready) return '';
  const probe = ready.reason === 'ContainersNotReady' ? ' Its events say what its readiness probes got.' : '';
  const said = saidWords(ready.reason ?? 'not ready', ready.message ?? '');
  return ` Kubernetes says of ${nameOf(pod.value)}: ${said}.${probe}`;
}

function emptyWords(selector: string | null, pod: Fact<Pod>): string {
  if (selector === null) return 'It has no selector, and nobody made EndpointSlices for it.';
  if (pod.status === 'unavailable')
    return pod.code === 'not-applicable' ? `No pod has the labels ${selector}.` : 'Its EndpointSlices are empty.';
  const { metadata, status } = pod.value;
  const name = nameOf(pod.value);
  if (metadata.deletionTimestamp || status?.phase !== 'Running' || !status.podIP) {
    const state = metadata.deletionTimestamp ? 'being deleted' : (status?.phase ?? 'not started');
    const address = status?.podIP ? '' : ' and has no address';
    return `Its EndpointSlices are empty: pod ${name}, which has the labels ${selector}, is ${state}${address}.`;
  }
  return (
    `Its EndpointSlices are empty, although pod ${name} has the labels ${selector}: ` +
    'kube-controller-manager is behind.'
  );
}

/** `NAMESPACE/POD`. */
export function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
