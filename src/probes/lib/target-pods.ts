/** Which pod is judged where a target names what stands for pods. */
import type { AddressFamily } from '../../model/addresses.ts';
import { describeTarget } from '../../model/asked-flow.ts';
import type { ApiRead } from '../../model/api-reads.ts';
import { observed, unavailable, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { EndpointSlice, Pod, Service } from '../../model/kubernetes.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { serviceName, type ServiceState } from '../../model/service.ts';
import type { TargetChoice } from '../../model/target-choice.ts';
import type { FlowPort, Target } from '../../model/target.ts';
import { hasAddress, mostPodsOfNamespace, ownsAddress, workloadOf } from '../../model/workloads.ts';
import { askedFamily, isReachable, judgedFamily } from '../../calico/trusted-address.ts';
import { serviceState } from '../parse/service-state.ts';
import { unavailableAnswer } from './evidence.ts';

const inCluster = { where: 'cluster' } as const;
/** What `readService` reads. */
export const serviceReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'Service', ...inCluster },
  { verb: 'list', apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', ...inCluster },
];
export const targetReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'v1', kind: 'Pod', ...inCluster },
  ...serviceReads,
];

export interface TargetPods {
  readonly pod: Fact<Pod>;
  readonly 'target-choice': Fact<TargetChoice>;
  readonly service: Fact<ServiceState>;
}

/** Pods beside the judged one that are tried once. */
const mostOthers = 4;
const mostSlices = 50;

type Named = Target & { readonly kind: NonNullable<Target['kind']> };

/** The judged pod and the others behind a Service, a workload, a list of labels or an address. */
export async function targetPods(cluster: ClusterReader, target: Named): Promise<TargetPods> {
  const noService = unavailable('not-applicable', 'no Service was asked about');
  if (target.kind === 'service') return behindService(cluster, target);
  if (target.kind === 'selector')
    return { ...(await chosen(cluster, target, { labelSelector: target.pod })), service: noService };
  const { kind, pod: name } = target;
  if (kind === 'address') {
    const isOf = (pod: Pod) => ownsAddress(pod) && hasAddress(pod, name);
    const first = await chosen(cluster, target, { fieldSelector: `status.podIP=${name}`, isOf });
    const isFound = first.pod.status === 'observed' || first.pod.code !== 'not-applicable';
    return { ...(isFound ? first : await chosen(cluster, target, { isOf })), service: noService };
  }
  const isOf = (pod: Pod) => workloadOf(pod, kind) === name;
  return { ...(await chosen(cluster, target, { isOf })), service: noService };
}

interface AskedService {
  readonly namespace: string;
  readonly name: string;
  readonly port: FlowPort | null;
  /** Whose address and endpoints are asked about; null: none is named. */
  readonly family: AddressFamily | null;
}

/** A Service and its EndpointSlices; `state`: without the slices where they could not be read. */
export async function readService(
  cluster: ClusterReader,
  { namespace, name, port, family }: AskedService,
): Promise<{ readonly service: Fact<ServiceState>; readonly state: ServiceState | null }> {
  const [answer, slices] = await Promise.all([
    cluster.read<Service>({ apiVersion: 'v1', kind: 'Service', namespace, name }),
    cluster.list<EndpointSlice>({
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      namespace,
      labelSelector: `kubernetes.io/service-name=${name}`,
      limit: mostSlices,
    }),
  ]);
  if (!answer.ok) return { service: unavailableAnswer(answer), state: null };
  const state = serviceState(answer.value, slices.ok ? slices.value : [], port, family);
  if (!slices.ok) return { service: unavailableAnswer(slices), state };
  const evidence = [evidenceOfAnswer(answer, serviceWords(state)), evidenceOfAnswer(slices, endpointWords(state))];
  return { service: observed(state, evidence), state };
}

async function behindService(cluster: ClusterReader, target: Named): Promise<TargetPods> {
  const { namespace, pod: name, port } = target;
  const { service, state } = await readService(cluster, { namespace, name, port, family: askedFamily(target) });
  if (state === null)
    return { ...all(service.status === 'unavailable' ? service : unavailable('not-parsed', 'no Service')), service };
  const ready = new Set(state.endpoints.flatMap((one) => (one.ready === 'yes' && one.pod ? [one.pod] : [])));
  if (state.selector === null) {
    const none = unavailable('not-applicable', `Service ${serviceName(state)} selects no pods`);
    return { ...all(none), service };
  }
  return { ...(await chosen(cluster, target, { labelSelector: state.selector, ready, service: state })), service };
}

function all<T extends Fact<never>>(fact: T): { readonly pod: T; readonly 'target-choice': T } {
  return { pod: fact, 'target-choice': fact };
}

interface Choosing {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly isOf?: (pod: Pod) => boolean;
  /** Pods that take traffic, and go first; not given: those that are not ready show what is wrong. */
  readonly ready?: ReadonlySet<string>;
  /** The Service by which they are chosen; not given: none. */
  readonly service?: ServiceState;
}

async function chosen(
  cluster: ClusterReader,
  target: Named,
  { ready, isOf = () => true, service, ...selectors }: Choosing,
): Promise<Pick<TargetPods, 'pod' | 'target-choice'>> {
  const { namespace } = target;
  const query = { apiVersion: 'v1', kind: 'Pod', namespace, limit: mostPodsOfNamespace };
  const answer = await cluster.list<Pod>({ ...query, ...selectors });
  if (!answer.ok) return all(unavailableAnswer(answer));
  const asked = describeTarget(target);
  const isFirst = (pod: Pod) => (ready ? ready.has(keyOf(pod)) : !isReady(pod));
  // What an evicted pod or a finished job leaves stands for nothing, where there is another.
  const rank = (pod: Pod) => (isOver(pod) ? 2 : isFirst(pod) ? 0 : 1);
  const pods = answer.value
    .filter((pod) => !pod.metadata.deletionTimestamp && isOf(pod))
    .toSorted((a, b) => rank(a) - rank(b) || keyOf(a).localeCompare(keyOf(b)));
  const [judged, ...rest] = pods;
  const evidence: readonly Evidence[] = [evidenceOfAnswer(answer, pods.map(podWords).join('\n') || 'no pods')];
  if (!judged) return all(unavailable('not-applicable', `there is no pod behind ${asked}`, evidence));
  const family = judgedFamily(judged, target, service);
  const others = rest.filter((pod) => isReachable(pod, family));
  return {
    pod: observed(judged, evidence),
    'target-choice': observed(
      {
        asked,
        others: others.slice(0, mostOthers),
        untried: others.slice(mostOthers).map(keyOf),
        pending: rest.filter(({ status }) => status?.phase === 'Pending').map(keyOf),
      },
      evidence,
    ),
  };
}

/** Has it ended, so that it never runs again? */
function isOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function keyOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function podWords(pod: Pod): string {
  const { status, spec } = pod;
  const ready = isReady(pod) ? 'ready' : 'not ready';
  return `${keyOf(pod)}: ${status?.phase ?? '?'}, ${ready}, ${status?.podIP ?? 'no address'}, ${spec.nodeName ?? '?'}`;
}

function serviceWords({ type, address, ports, selector }: ServiceState): string {
  const served = ports.map(({ number, protocol, targetPort }) => `${number}/${protocol} → ${targetPort}`).join(', ');
  return `type ${type}, address ${address ?? 'none'}, ports ${served || 'none'}, selector ${selector ?? 'none'}`;
}

function endpointWords({ endpoints }: ServiceState): string {
  const lines = endpoints.map(({ address, ready, ports, pod }) => {
    const at = ports.map(({ number, protocol }) => `${number}/${protocol}`).join(', ');
    return `${address} ${at} ready: ${ready}${pod ? ` (${pod})` : ''}`;
  });
  return lines.join('\n') || 'no endpoints';
}
