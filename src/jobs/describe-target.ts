import type { FlowPort, FlowSource } from '../model/target.ts';

/** `8080/tcp`, `53/udp` or `icmp`, as the command line takes it. */
export function describePort(port: FlowPort): string {
  return port.protocol === 'icmp' ? 'icmp' : `${port.number}/${port.protocol}`;
}

/** `pod:NS/NAME`, `node:NAME` or `outside:ADDRESS`, as the command line takes it. */
export function describeSource(source: FlowSource): string {
  if (source.kind === 'pod') return `pod:${source.namespace}/${source.name}`;
  return source.kind === 'node' ? `node:${source.name}` : `outside:${source.address}`;
}
