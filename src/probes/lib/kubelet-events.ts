/** What the kubelet of a pod's node says of the pod. */
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { KubernetesEvent, Pod, PodEvent } from '../../model/kubernetes.ts';
import { oneLine } from '../../model/plain-text.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { unavailableAnswer } from './evidence.ts';

/** The kubelet counts what it says again, so that a pod has few events. */
const listed = 100;
const longest = 1000;

/** Reads them of a pod that waits for its network. */
export async function readKubeletEvents(
  cluster: Pick<ClusterReader, 'list'>,
  pod: Pod,
): Promise<Fact<readonly PodEvent[]>> {
  const { metadata, spec, status } = pod;
  if (!spec.nodeName || spec.hostNetwork || status?.phase !== 'Pending' || status.podIP)
    return unavailable('not-applicable', 'the pod does not wait for its network');
  const answer = await cluster.list<KubernetesEvent>({
    apiVersion: 'v1',
    kind: 'Event',
    namespace: metadata.namespace ?? 'default',
    fieldSelector: `involvedObject.kind=Pod,involvedObject.name=${metadata.name}`,
    limit: listed,
  });
  if (!answer.ok) return unavailableAnswer(answer);
  const events = answer.value
    .filter((event) => isOfKubelet(event, pod))
    .map(eventOf)
    .toSorted((a, b) => Date.parse(a.at || '1970') - Date.parse(b.at || '1970'));
  const shown = events.map(({ at, reason, count, message }) => `${at} ${reason} (${count}): ${message}`).join('\n');
  return observed(events, [evidenceOfAnswer(answer, shown || 'none of the kubelet')]);
}

/**
 * Everybody who may create events in the namespace can write the same. What rests on these is told as what the kubelet
 * reported, and no fix may rest on it.
 */
function isOfKubelet(event: KubernetesEvent, { metadata, spec }: Pod): boolean {
  const component = event.source?.component || event.reportingComponent;
  const host = event.source?.host || event.reportingInstance;
  return (
    component === 'kubelet' &&
    host === spec.nodeName &&
    metadata.uid !== undefined &&
    event.involvedObject?.uid === metadata.uid
  );
}

function eventOf({ reason, message, count, series, lastTimestamp, eventTime }: KubernetesEvent): PodEvent {
  return {
    reason: oneLine((reason ?? '').slice(0, 100)),
    message: oneLine((message ?? '').slice(0, longest)),
    at: series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? '',
    count: series?.count ?? count ?? 1,
  };
}
