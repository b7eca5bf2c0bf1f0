import type { Flow } from '../../model/facts.ts';
import type { Fact } from '../../model/evidence.ts';
import type { WorkloadEndpoint } from '../../model/calico.ts';
import type { Link } from '../../model/network.ts';

/** The host-side interface of the pod: the endpoint's own word, else the name that CNI would give. */
export function interfaceOf(flow: Flow, endpoint: Fact<WorkloadEndpoint | null>): string | null {
  return (endpoint.status === 'observed' ? endpoint.value?.spec.interfaceName : null) ?? flow.destination.interface;
}

export function linkOf(links: readonly Link[], name: string): Link | null {
  return links.find((link) => link.name === name) ?? null;
}
