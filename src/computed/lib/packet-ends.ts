/** Finds the endpoints that a packet's address may belong to, with the labels that policies select by. */
import type { NetworkSet, PolicyObjects, ProfileLookup, WorkloadEndpoint } from '../../model/calico.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import { addressRange, rangeHolds } from '../../model/addresses.ts';
import type { Labelled, PacketEnd } from '../../policy/question.ts';
import type { Labels } from '../../policy/selector.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { own } from '../../model/own.ts';

export interface KnownEnd {
  readonly end: FlowEnd;
  readonly endpoint: Fact<WorkloadEndpoint | null>;
  readonly profiles: Fact<readonly ProfileLookup[]>;
}

/** Returns an endpoint's labels: its own, then those that its profiles add (felix/labelindex). */
export function labelsOf(endpoint: WorkloadEndpoint, profiles: Fact<readonly ProfileLookup[]>): Labels {
  return (label) => {
    const mine = own(endpoint.metadata.labels, label);
    if (mine !== undefined) return mine;
    if (profiles.status === 'unavailable')
      return { unknown: `the profiles of ${endpoint.metadata.name} could not be read` };
    for (const { profile } of profiles.value) {
      const given = own(profile?.spec?.labelsToApply, label);
      if (given !== undefined) return given;
    }
    return null;
  };
}

/** @param address the packet's address where it is judged; after NAT it belongs to no known endpoint */
export function packetEnd(
  address: string,
  known: KnownEnd,
  objects: Pick<PolicyObjects, 'networkSets' | 'unreadNamespaces'>,
): PacketEnd {
  const sets = objects.networkSets
    .filter(({ spec }) => spec?.nets?.some((net) => holds(net, address)))
    .map((set): Labelled => ({ labels: labelsOfSet(set), ports: [] }));
  const others = objects.unreadNamespaces.map((namespace): Labelled => ({
    labels: stranger(`the network sets of namespace ${namespace} were not read`, namespace),
    ports: [],
  }));
  return { members: [...endpointsAt(address, known), ...sets, ...others] };
}

function endpointsAt(address: string, { end, endpoint, profiles }: KnownEnd): readonly Labelled[] {
  if (isOnNodeNetwork(end))
    return [{ labels: stranger(`${address} is a node's, and host endpoints were not read`, null), ports: null }];
  // An address after NAT, or from outside, may still belong to any endpoint.
  if (end.kind !== 'pod' || end.address !== address)
    return [{ labels: () => ({ unknown: `whose address ${address} is was not looked up` }), ports: null }];
  const who = `${end.namespace}/${end.name}`;
  if (endpoint.status === 'unavailable')
    return [{ labels: () => ({ unknown: `the endpoint of ${who} could not be read` }), ports: null }];
  if (!endpoint.value) return [];
  if (!endpoint.value.spec.ipNetworks.some((net) => holds(net, address)))
    return [{ labels: () => ({ unknown: `the endpoint of ${who} has another address than the pod` }), ports: null }];
  return [{ labels: labelsOf(endpoint.value, profiles), ports: endpoint.value.spec.ports ?? [] }];
}

/** Returns a network set's labels, with those of its namespace, as for a pod. */
function labelsOfSet({ metadata }: NetworkSet): Labels {
  const { namespace, labels } = metadata;
  return (label) => {
    if (label === 'projectcalico.org/namespace') return namespace ?? null;
    const mine = own(labels, label);
    if (mine !== undefined) return mine;
    return namespace !== undefined && label.startsWith('pcns.')
      ? { unknown: `the labels of namespace ${namespace} were not read` }
      : null;
  };
}

/**
 * Returns an end with unknown labels. Labels that name a namespace or an orchestrator exist on pods only, so these are
 * known to be absent.
 */
function stranger(unknown: string, namespace: string | null): Labels {
  const certain: Readonly<Record<string, string | null>> = {
    'projectcalico.org/orchestrator': null,
    'projectcalico.org/namespace': namespace,
    'pcns.projectcalico.org/name': namespace,
  };
  return (label) => (Object.hasOwn(certain, label) ? (certain[label] ?? null) : { unknown });
}

function holds(net: string, address: string): boolean {
  const range = addressRange(net);
  return range !== null && rangeHolds(range, address);
}
