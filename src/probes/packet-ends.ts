/** Who may be behind an address of a packet, by the labels that selectors of policies look at. */
import type { NetworkSet, ProfileLookup, WorkloadEndpoint } from '../model/calico.ts';
import type { Fact } from '../model/evidence.ts';
import type { FlowEnd } from '../model/facts.ts';
import { addressRange, rangeHolds } from '../ruleset/addresses.ts';
import type { Labelled, PacketEnd } from '../ruleset/policy/question.ts';
import type { Labels } from '../ruleset/policy/selector.ts';
import type { PolicyObjects } from './policy-objects.ts';

export interface KnownEnd {
  readonly end: FlowEnd;
  readonly endpoint: Fact<WorkloadEndpoint | null>;
  readonly profiles: Fact<readonly ProfileLookup[]>;
}

/** An endpoint's own labels, then those that its profiles give it (felix/labelindex). */
export function labelsOf(endpoint: WorkloadEndpoint, profiles: Fact<readonly ProfileLookup[]>): Labels {
  return (label) => {
    const own = endpoint.metadata.labels?.[label];
    if (own !== undefined) return own;
    if (profiles.status === 'unavailable') return { unknown: `the profiles of ${endpoint.metadata.name} could not be read` };
    for (const { profile } of profiles.value) {
      const given = profile?.spec?.labelsToApply?.[label];
      if (given !== undefined) return given;
    }
    return null;
  };
}

/** @param address as the packet carries it where it is judged: rewritten on the way it is nobody's that is known */
export function packetEnd(address: string, known: KnownEnd, objects: Pick<PolicyObjects, 'networkSets' | 'unreadSets'>): PacketEnd {
  const sets = objects.networkSets.filter(({ spec }) => spec?.nets?.some((net) => holds(net, address))).map((set): Labelled => ({ labels: labelsOfSet(set), ports: [] }));
  const others = objects.unreadSets ? [stranger('network sets of other namespaces were not read', [])] : [];
  return { members: [...endpointsAt(address, known), ...sets, ...others] };
}

function endpointsAt(address: string, { end, endpoint, profiles }: KnownEnd): readonly Labelled[] {
  if (end.kind !== 'pod' || end.interface === null || end.address !== address) return [stranger(`${address} is no pod's, and host endpoints were not read`, null)];
  const who = `${end.namespace}/${end.name}`;
  if (endpoint.status === 'unavailable') return [{ labels: () => ({ unknown: `the endpoint of ${who} could not be read` }), ports: null }];
  if (!endpoint.value) return [];
  if (!endpoint.value.spec.ipNetworks.some((net) => holds(net, address))) return [{ labels: () => ({ unknown: `the endpoint of ${who} has another address than the pod` }), ports: null }];
  return [{ labels: labelsOf(endpoint.value, profiles), ports: endpoint.value.spec.ports ?? [] }];
}

/** Its namespace's labels come down to a network set as to a pod. */
function labelsOfSet({ metadata }: NetworkSet): Labels {
  const { namespace, labels } = metadata;
  return (label) => {
    if (label === 'projectcalico.org/namespace') return namespace ?? null;
    const own = labels?.[label];
    if (own !== undefined) return own;
    return namespace !== undefined && label.startsWith('pcns.') ? { unknown: `the labels of namespace ${namespace} were not read` } : null;
  };
}

/** Something that may be there with any labels but the one that only endpoints of pods have. */
function stranger(unknown: string, ports: Labelled['ports']): Labelled {
  return { labels: (label) => (label === 'projectcalico.org/orchestrator' ? null : { unknown }), ports };
}

function holds(net: string, address: string): boolean {
  const range = addressRange(net);
  return range !== null && rangeHolds(range, address);
}
