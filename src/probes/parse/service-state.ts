import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { ServiceEndpoint, ServiceState } from '../../model/service.ts';
import type { FlowPort } from '../../model/target.ts';
import { labelQuery } from '../lib/label-query.ts';

/** Parses a Service and its EndpointSlices of IPv4. What a slice leaves open means what discovery.k8s.io/v1 says. */
export function serviceState(
  { metadata, spec }: Service,
  slices: readonly EndpointSlice[],
  askedPort: FlowPort | null,
): ServiceState {
  const { clusterIP = 'None', selector = {}, ports = [] } = spec;
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    type: spec.type ?? 'ClusterIP',
    address: /^\d{1,3}(?:\.\d{1,3}){3}$/.test(clusterIP) ? clusterIP : null,
    ports: ports.map(({ name = '', protocol = 'TCP', port, targetPort = port }) => ({
      name,
      protocol: protocol.toLowerCase(),
      number: port,
      targetPort: String(targetPort),
    })),
    askedPort,
    selector: labelQuery({ matchLabels: selector }) ?? null,
    onlyLocal: spec.internalTrafficPolicy === 'Local',
    endpoints: slices.filter(({ addressType = 'IPv4' }) => addressType === 'IPv4').flatMap(endpointsOf),
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
