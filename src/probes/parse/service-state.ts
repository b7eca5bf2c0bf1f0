import { isIP } from 'node:net';
import type { AddressFamily } from '../../model/addresses.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { ServiceEndpoint, ServiceState } from '../../model/service.ts';
import type { FlowPort } from '../../model/target.ts';
import { labelQuery } from '../lib/label-query.ts';

/**
 * Parses a Service and its EndpointSlices of one family: of IPv6 only where the Service has nothing of IPv4. What a
 * slice leaves open means what discovery.k8s.io/v1 says.
 */
export function serviceState(
  { metadata, spec }: Service,
  slices: readonly EndpointSlice[],
  askedPort: FlowPort | null,
): ServiceState {
  const { clusterIP = 'None', clusterIPs = [clusterIP], selector = {}, ports = [] } = spec;
  const has = (version: AddressFamily) =>
    clusterIPs.some((address) => isIP(address) === version) ||
    slices.some(({ addressType = 'IPv4' }) => addressType === `IPv${version}`);
  const family: AddressFamily = has(6) && !has(4) ? 6 : 4;
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    type: spec.type ?? 'ClusterIP',
    address: clusterIPs.find((address) => isIP(address) === family) ?? null,
    ...(family === 6 ? { family } : {}),
    ports: ports.map(({ name = '', protocol = 'TCP', port, targetPort = port }) => ({
      name,
      protocol: protocol.toLowerCase(),
      number: port,
      targetPort: String(targetPort),
    })),
    askedPort,
    selector: labelQuery({ matchLabels: selector }) ?? null,
    onlyLocal: spec.internalTrafficPolicy === 'Local',
    endpoints: slices.filter(({ addressType = 'IPv4' }) => addressType === `IPv${family}`).flatMap(endpointsOf),
  };
}

function endpointsOf({ metadata, endpoints, ports }: EndpointSlice): readonly ServiceEndpoint[] {
  const served = (ports ?? []).flatMap(({ name, protocol, port }) =>
    typeof port === 'number' ? [{ name: name ?? '', protocol: (protocol ?? 'TCP').toLowerCase(), number: port }] : [],
  );
  return (endpoints ?? []).flatMap(({ addresses, conditions, nodeName, targetRef }) => {
    const [address] = addresses;
    if (address === undefined) return [];
    const { ready, serving, terminating } = conditions ?? {};
    const going = terminating === true && serving !== false;
    return [
      {
        address,
        ready: (ready ?? true) ? ('yes' as const) : going ? ('going' as const) : ('no' as const),
        node: nodeName ?? null,
        pod: targetRef?.kind === 'Pod' ? `${targetRef.namespace ?? metadata.namespace}/${targetRef.name}` : null,
        ports: served,
      },
    ];
  });
}
