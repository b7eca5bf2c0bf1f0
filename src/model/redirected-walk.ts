import type { PacketWalk, Redirected } from './flow-walk.ts';
import type { Packet } from './ruleset/packet.ts';

/**
 * Rules of kube-proxy and of the portmap plugin, which translate addresses of Services and ports of nodes. Sources:
 * pkg/proxy/iptables/proxier.go, pkg/proxy/nftables/proxier.go; plugins/meta/portmap/portmap_iptables.go.
 */
const byKubernetes = /^(?:nat (?:KUBE-|CNI-(?:HOSTPORT|DN)-)|kube-proxy )/;

/** On these legs the asked packet itself is walked. */
export const requestLegs: readonly PacketWalk['leg'][] = ['source-egress', 'target-ingress', 'same-node'];

/** A walk whose packet ends with one other destination. */
export type RedirectedWalk = PacketWalk & { readonly redirected: Redirected };

/** The asked packet ends with one other destination, whatever undecided matches say. */
export function isRedirected(walk: PacketWalk): walk is RedirectedWalk {
  const { redirected } = walk;
  return (
    redirected !== undefined &&
    requestLegs.includes(walk.leg) &&
    walk.result.ends.every(({ packet }) => isFor(packet, redirected.address, redirected.port))
  );
}

/** The asked packet may end with another destination. */
export function mayBeRedirected({ leg, packet: asked, result }: PacketWalk): boolean {
  return (
    requestLegs.includes(leg) &&
    result.ends.some(({ packet }) => !isFor(packet, asked.destination, asked.destinationPort))
  );
}

/** As a Service or a host port asks. */
export function isForKubernetes({ redirected: { by } }: RedirectedWalk): boolean {
  return by !== null && byKubernetes.test(by);
}

function isFor({ destination, destinationPort }: Packet, address: string, port: number | null): boolean {
  return destination === address && destinationPort === port;
}
