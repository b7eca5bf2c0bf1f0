/** A Service as the API server has it, and which ports of its pods stand behind it. */
import { familyOf, type AddressFamily } from './addresses.ts';
import type { FlowPort } from './target.ts';

export interface ServiceState {
  readonly namespace: string;
  readonly name: string;
  /** `ClusterIP`, `NodePort`, `LoadBalancer` or `ExternalName`. */
  readonly type: string;
  /** Of its address and endpoints. Absent: IPv4. */
  readonly family?: AddressFamily;
  /** Its address of the other family. Absent: it has none. */
  readonly otherAddress?: string;
  /** null: no node translates it (headless, or a name outside the cluster). */
  readonly address: string | null;
  readonly ports: readonly ServicePort[];
  /** The one that was asked about; null: none was named. */
  readonly askedPort: FlowPort | null;
  /** Labels of its pods, as a list query has them; null: it selects none, and somebody else keeps its endpoints. */
  readonly selector: string | null;
  /** Only endpoints on the sender's own node count (internalTrafficPolicy Local). */
  readonly onlyLocal: boolean;
  readonly endpoints: readonly ServiceEndpoint[];
}

export interface ServicePort {
  /** Empty: the only one. */
  readonly name: string;
  /** In small letters; `sctp` is not tried. */
  readonly protocol: string;
  readonly number: number;
  /** A number, or the name of a port of the pods. */
  readonly targetPort: string;
}

export interface ServiceEndpoint {
  readonly address: string;
  /** `no`: kube-proxy sends nothing new to it. `going`: only while no other is ready. */
  readonly ready: 'yes' | 'no' | 'going';
  readonly node: string | null;
  /** `namespace/name`; null: it is no pod. */
  readonly pod: string | null;
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly number: number }[];
}

/** The port of the Service that is meant: the asked one, else its first of TCP, else its first. null: there is none. */
export function servedPort({ ports, askedPort: asked }: ServiceState): ServicePort | null {
  if (asked === null) return ports.find(({ protocol }) => protocol === 'tcp') ?? ports[0] ?? null;
  if (asked.protocol === 'icmp') return null;
  return ports.find(({ protocol, number }) => protocol === asked.protocol && number === asked.number) ?? null;
}

/** The number of a Service's port at an endpoint; null: the endpoint does not have the port. */
export function numberAt({ ports }: ServiceEndpoint, { name, protocol }: ServicePort): number | null {
  return ports.find((port) => port.name === name && port.protocol === protocol)?.number ?? null;
}

/**
 * Endpoints that a node sends new connections to: the ready ones, else those that go and still serve (kube-proxy's
 * CategorizeEndpoints, pkg/proxy/topology.go).
 * @param node of the sender
 */
export function usableEndpoints(
  { endpoints, onlyLocal }: ServiceState,
  port: ServicePort,
  node: string | null,
): readonly ServiceEndpoint[] {
  const near = endpoints.filter((one) => numberAt(one, port) !== null && (!onlyLocal || one.node === node));
  const ready = near.filter((one) => one.ready === 'yes');
  return ready.length > 0 ? ready : near.filter((one) => one.ready === 'going');
}

/** `ADDRESS:PORT`, of IPv6 with brackets around the address. */
export function endpointAt(address: string, port: number): string {
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The family of its address and endpoints. */
export function familyOfService({ family = 4 }: Pick<ServiceState, 'family'>): AddressFamily {
  return family;
}

/** `namespace/name`. */
export function serviceName({ namespace, name }: Pick<ServiceState, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** `80/tcp`. */
export function describeServicePort({ number, protocol }: Pick<ServicePort, 'number' | 'protocol'>): string {
  return `${number}/${protocol}`;
}
