import { isIP } from 'node:net';
import { shortestForm, type AddressFamily } from '../../model/addresses.ts';
import type { EndpointSlice, Service } from '../../model/kubernetes.ts';
import type { ServiceEndpoint, ServiceState } from '../../model/service.ts';
import type { FlowPort } from '../../model/target.ts';
import { labelQuery } from '../lib/label-query.ts';

/**
 * Parses a Service and its EndpointSlices of one family: of the wanted one where the Service has it; else of IPv6 only
 * where it has nothing of IPv4, or endpoints of IPv6 alone. What a slice leaves open means what discovery.k8s.io/v1
 * says.
 * @param wanted null: none was asked for
 */
export function serviceState(
  { metadata, spec }: Service,
  slices: readonly EndpointSlice[],
  askedPort: FlowPort | null,
  wanted: AddressFamily | null = null,
): ServiceState {
  const { clusterIP = 'None', clusterIPs = [clusterIP], selector = {}, ports = [] } = spec;
  const stated = clusterIPs.map(shortestForm);
  const addressIn = (version: AddressFamily) => stated.find((address) => isIP(address) === version) ?? null;
  const slicesOf = (version: AddressFamily) =>
    slices.filter(({ addressType = 'IPv4' }) => addressType === `IPv${version}`);
  const endpointsIn = (version: AddressFamily) => slicesOf(version).flatMap(endpointsOf);
  const isHeadless = addressIn(4) === null && addressIn(6) === null;
  const has = (version: AddressFamily) => (isHeadless ? slicesOf(version).length > 0 : addressIn(version) !== null);
  const only6 = has(6) && (!has(4) || (endpointsIn(4).length === 0 && endpointsIn(6).length > 0));
  const family = wanted !== null && has(wanted) ? wanted : only6 ? 6 : 4;
  const otherAddress = addressIn(family === 6 ? 4 : 6);
  return {
    namespace: metadata.namespace ?? 'default',
    name: metadata.name,
    type: spec.type ?? 'ClusterIP',
    address: addressIn(family),
    ...(family === 6 ? { family } : {}),
    ...(otherAddress === null ? {} : { otherAddress }),
    ports: ports.map(({ name = '', protocol = 'TCP', port, targetPort = port }) => ({
      name,
      protocol: protocol.toLowerCase(),
      number: port,
      targetPort: String(targetPort),
    })),
    askedPort,
    selector: labelQuery({ matchLabels: selector }) ?? null,
    onlyLocal: spec.internalTrafficPolicy === 'Local',
    endpoints: endpointsIn(family),
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
        address: shortestForm(address),
        ready: (ready ?? true) ? ('yes' as const) : going ? ('going' as const) : ('no' as const),
        node: nodeName ?? null,
        pod: targetRef?.kind === 'Pod' ? `${targetRef.namespace ?? metadata.namespace}/${targetRef.name}` : null,
        ports: served,
      },
    ];
  });
}
