/** Connections as the kernel of a node tracks them. */
import type { Flow } from './flow.ts';
import type { ServiceState } from './service.ts';

/** Who sends to whom. Ports are null for protocols without. */
export interface ConnectionTuple {
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

export interface TrackedConnection {
  /** In small letters, as `conntrack` names it. */
  readonly protocol: string;
  /** Of TCP, such as `SYN_SENT`; null: the protocol has none. */
  readonly state: string | null;
  /** As the client sends it. */
  readonly original: ConnectionTuple;
  /** As its answers arrive: the source is where its packets are sent after translation. */
  readonly reply: ConnectionTuple;
  readonly answered: boolean;
  /** Seconds until the kernel forgets it: each packet begins them anew. null: hardware has it, and none are counted. */
  readonly expiresIn: number | null;
  /** Seconds since its last packet, where Calico's eBPF programs track it: they tell this alone. */
  readonly idleSeconds?: number;
}

/** One look at the entries of the asked flow. */
export interface ConnectionReading {
  /** When it began: ISO 8601, UTC. */
  readonly at: string;
  readonly tookMs: number;
  readonly connections: readonly TrackedConnection[];
}

/** Entries of the asked flow on one node, its oldest look first: as sent to the pod, or to the asked Service. */
export interface FlowConnections {
  readonly node: string;
  readonly destination: string;
  readonly port: number;
  readonly readings: readonly ConnectionReading[];
  /** Seconds after which the node forgets an idle TCP connection; not given: not known, days by default. */
  readonly establishedSeconds?: number | undefined;
  /** Calico's eBPF programs track them, not the kernel. */
  readonly byPrograms?: true;
}

/** `ADDRESS:PORT` of where its packets are sent. */
export function sentTo({ reply }: TrackedConnection): string {
  return reply.sourcePort === null ? reply.source : `${reply.source}:${reply.sourcePort}`;
}

/**
 * Did a packet of the connection pass between two looks? The time to live of an idle one falls with the clock; it is
 * printed in whole seconds.
 */
export function isRenewed(connection: TrackedConnection, { readings }: FlowConnections): boolean {
  const looks = readings.flatMap(({ at, tookMs, connections }) => {
    const found = connections.find((one) => isSame(one, connection));
    return found ? [{ at: Date.parse(at), tookMs, expiresIn: found.expiresIn, idleSeconds: found.idleSeconds }] : [];
  });
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last || first === last) return false;
  // Of a look it is known only when it began and ended: so much time went by at the least.
  const elapsed = Math.max(0, last.at - first.at - first.tookMs);
  if (last.idleSeconds !== undefined) return last.idleSeconds * 1000 < elapsed;
  if (first.expiresIn === null || last.expiresIn === null) return false;
  return last.expiresIn > first.expiresIn - Math.floor(elapsed / 1000);
}

function isSame(one: TrackedConnection, other: TrackedConnection): boolean {
  return (
    one.protocol === other.protocol &&
    one.original.sourcePort === other.original.sourcePort &&
    one.original.destination === other.original.destination &&
    sentTo(one) === sentTo(other)
  );
}

/** The address and port to which the client sends: those of the Service, where a node translates them. */
export function goalOf({ service, destination, port }: Flow): { readonly address: string; readonly port: number } {
  const { address, port: asked } = service ? { ...service } : { address: destination.address, port };
  return { address, port: asked.protocol === 'icmp' ? 0 : asked.number };
}

/**
 * Addresses at which the flow may end: of every endpoint of the asked Service, ready or not, else of the pod.
 * @param service null: none was asked about
 */
export function rightEnds({ destination }: Flow, service: Pick<ServiceState, 'endpoints'> | null): readonly string[] {
  return [destination.address, ...(service?.endpoints ?? []).map(({ address }) => address)];
}
