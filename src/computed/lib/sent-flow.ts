import { familyOf, type AddressFamily } from '../../model/addresses.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import { numberAt, servedPort, serviceName, usableEndpoints, type ServiceState } from '../../model/service.ts';
import type { FlowGoal, FlowPort } from '../../model/target.ts';
import { unjudgedAddress, withoutAddress } from '../../calico/trusted-address.ts';
import { nodeEnd, outsideEnd } from '../../flow-walks/ends.ts';

interface Known {
  readonly port: FlowPort | null;
  /** Of the Kubernetes API. */
  readonly service: Fact<ServiceState>;
  readonly nodes: readonly KubernetesNode[];
  readonly family: AddressFamily;
}

/** The flow from a pod to what is no pod. Without a port it is a ping. */
export function sentFlow(goal: FlowGoal, source: FlowEnd, { port, service, ...where }: Known): Fact<Flow> {
  const { nodes } = where;
  const chosen = { sameNodeSource: null, otherPorts: [], untriedPorts: [], asked: true, refusedByDesign: [] };
  const flow = { source, ...chosen, port: port ?? { protocol: 'icmp' as const } };
  if (goal.kind === 'outside') {
    const why = unjudgedAddress(goal.address);
    return why === null
      ? observed({ ...flow, destination: endAt(goal.address, where) })
      : unavailable('not-supported', why);
  }
  if (goal.kind === 'node') {
    const node = nodes.find(({ metadata }) => metadata.name === goal.name);
    const destination = node && nodeEnd(node, where);
    return destination
      ? observed({ ...flow, destination })
      : unavailable('api-not-found', `there is no node ${goal.name} with an address`);
  }
  if (service.status === 'unavailable') return unavailable('needed-fact-missing', service.reason);
  const name = serviceName(service.value);
  const endpoint = apiEndpoint(service.value);
  if (!endpoint) return unavailable('not-applicable', `Service ${name} has no ready endpoint`);
  const { address } = service.value;
  if (familyOf(endpoint.address) !== where.family)
    return unavailable('not-supported', withoutAddress(`Service ${name}`, where.family, [endpoint.address]));
  const own: FlowPort = { protocol: 'tcp', number: endpoint.servedOn };
  return observed({
    ...flow,
    destination: endAt(endpoint.address, where),
    port: { protocol: 'tcp', number: endpoint.number },
    ...(address === null ? {} : { service: { name, address, port: own } }),
  });
}

/** An API server behind its Service; null: none is ready. */
function apiEndpoint(service: ServiceState) {
  const served = servedPort(service);
  const [endpoint] = served ? usableEndpoints({ ...service, onlyLocal: false }, served, null) : [];
  const number = served && endpoint ? numberAt(endpoint, served) : null;
  return served && endpoint && number !== null ? { address: endpoint.address, number, servedOn: served.number } : null;
}

/** The node to which a flow goes; null: it leaves the cluster, or it is not known. */
export function nodeOfGoal(
  goal: FlowGoal,
  nodes: readonly KubernetesNode[],
  service: Fact<ServiceState>,
): string | null {
  if (goal.kind === 'node') return goal.name;
  const api = service.status === 'observed' ? apiEndpoint(service.value) : null;
  const address = goal.kind === 'outside' ? goal.address : api?.address;
  return address === undefined ? null : endAt(address, { nodes, family: familyOf(address) }).node;
}

/** A node's own address is that node. */
function endAt(address: string, where: Pick<Known, 'nodes' | 'family'>): FlowEnd {
  const ends = where.nodes.map((node) => nodeEnd(node, where));
  return ends.find((end) => end?.address === address) ?? outsideEnd(address);
}
