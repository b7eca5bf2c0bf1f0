import type { Tunnel } from './contract.ts';
import { askedDatagramInside, askedInside } from './filters.ts';
import { askedDatagramInside6, askedInside6 } from './filters6.ts';

const protocol = 17;
/** Calico's default: the port that IANA gave to VXLAN. */
const portText = '4789';
const port = Number(portText);
/** Bytes of an IPv4 header without options, of UDP's, of VXLAN's, of an Ethernet header without a VLAN tag. */
const headerBytes = 20 + 8 + 8 + 14;
/** The type of the inner frame, its last two bytes before the inner packet: IPv4. */
const holdsIPv4 = `ip[${headerBytes - 2}:2] = 0x800`;
const header = String.raw`VXLAN, flags \[[^\]]{0,9}\] \(0x[0-9a-f]{1,4}\), vni \d{1,8}`;
const address = String.raw`((?:\d{1,3}\.){3}\d{1,3})`;
const carried = new RegExp(String.raw`IP ${address}\.\d{1,5} > ${address}\.${portText}: ${header} (?=IP )`);

/** VXLAN: the whole frame in a UDP datagram (RFC 7348). */
export const vxlan: Tunnel = {
  kind: 'vxlan',
  name: 'VXLAN',
  device: { name: 'vxlan.calico', routesFrom: 'Felix', carriesFrames: true },
  protocol,
  port,
  headerBytes,
  refusal: /^Drop (?:IPv[46] )?VXLAN packets from non-(?:allowed|whitelisted) hosts$/,
  routedByNode: false,
  captureFilter: `(udp dst port ${port} and ${holdsIPv4} and ${askedInside(headerBytes)})`,
  datagramFilter: `(udp dst port ${port} and ${holdsIPv4} and ${askedDatagramInside(headerBytes)})`,
  outer: outerWith(headerBytes),
  read: readerOf(carried),
};

/** Of IPv6, a longer header around it. Felix gives it a device of its own (felix, vxlan_mgr). */
const headerBytes6 = headerBytes + 20;
const holdsIPv6 = `ip6[${headerBytes6 - 2}:2] = 0x86dd`;
const address6 = '([0-9a-f:]{2,39})';
const carried6 = new RegExp(String.raw`IP6 ${address6}\.\d{1,5} > ${address6}\.${portText}: ${header} (?=IP6 )`);
export const vxlan6: Tunnel = {
  ...vxlan,
  device: { name: 'vxlan-v6.calico', routesFrom: 'Felix', carriesFrames: true },
  headerBytes: headerBytes6,
  captureFilter: `(udp dst port ${port} and ${holdsIPv6} and ${askedInside6(headerBytes6)})`,
  datagramFilter: `(udp dst port ${port} and ${holdsIPv6} and ${askedDatagramInside6(headerBytes6)})`,
  outer: outerWith(headerBytes6),
  read: readerOf(carried6),
};

function readerOf(outer: RegExp): Tunnel['read'] {
  return (record) => {
    const found = outer.exec(record);
    if (!found) return null;
    const [text, source = '', destination = ''] = found;
    return { outer: { source, destination }, inner: record.slice(found.index + text.length) };
  };
}

function outerWith(added: number): Tunnel['outer'] {
  return (inner, nodes) => {
    const length = inner.length === null ? null : inner.length + added;
    // The kernel computes the source port from the inner flow, within the range for its own connections
    // (udp_flow_src_port).
    return { ...nodes, protocol, destinationPort: port, clientSide: 'source', ctState: 'NEW', length };
  };
}

/** A patch of a pool: its packets then travel in VXLAN between all nodes, 50 bytes larger each. */
export const encapsulatingPatch = '{"spec":{"vxlanMode":"Always"}}';
