import type { Tunnel } from './contract.ts';
import { askedDatagramInside, askedInside } from './filters.ts';

const protocol = 4;
/** One IPv4 header without options. */
const headerBytes = 20;
const carried = /IP ((?:\d{1,3}\.){3}\d{1,3}) > ((?:\d{1,3}\.){3}\d{1,3}): (?=IP )/;

/** IP in IP: the whole packet in another of protocol 4 (RFC 2003). */
export const ipip: Tunnel = {
  kind: 'ipip',
  name: 'IPIP',
  device: { name: 'tunl0', routesFrom: 'BIRD', carriesFrames: false },
  protocol,
  port: null,
  headerBytes,
  refusal: /^Drop IPIP packets from non-Calico hosts$/,
  routedByNode: true,
  captureFilter: `(ip proto ${protocol} and ${askedInside(headerBytes)})`,
  datagramFilter: `(ip proto ${protocol} and ${askedDatagramInside(headerBytes)})`,
  outer(inner, nodes) {
    return { ...nodes, protocol, ctState: 'NEW', length: inner.length === null ? null : inner.length + headerBytes };
  },
  read(record) {
    const found = carried.exec(record);
    if (!found) return null;
    const [text, source = '', destination = ''] = found;
    return { outer: { source, destination }, inner: record.slice(found.index + text.length) };
  },
};
