/** Evaluates the datastore's policies for each packet, at the endpoint that judges it. */
import type { PolicyObjects, ProfileLookup, WorkloadEndpoint } from '../../model/calico.ts';
import type { ComputedInputs } from '../../model/computed.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import type { Expected, ExpectedDecision } from '../../model/expected-decision.ts';
import type { Flow } from '../../model/flow.ts';
import type { Packet } from '../../model/ruleset/packet.ts';
import { decide } from '../../policy/decide.ts';
import type { PolicedWalk } from '../../flow-walks/policed.ts';
import { labelsOf, packetEnd, type KnownEnd } from './packet-ends.ts';

export const decisionInputs = ['policy-objects', 'endpoint', 'profiles', 'source-endpoint', 'source-profiles'] as const;

/** What was read about the two ends of a flow. */
interface KnownEnds {
  readonly endpoint: Fact<WorkloadEndpoint | null>;
  readonly profiles: Fact<readonly ProfileLookup[]>;
  readonly sourceEndpoint: Fact<WorkloadEndpoint | null>;
  readonly sourceProfiles: Fact<readonly ProfileLookup[]>;
}

/** Returns one decision for each walk and direction, in that order; unavailable if the policies could not be read. */
export async function decisionsOn(
  policed: readonly PolicedWalk[],
  facts: ComputedInputs<'flow', (typeof decisionInputs)[number]>,
): Promise<Fact<readonly ExpectedDecision[]>> {
  const [read, endpoint, profiles, sourceEndpoint, sourceProfiles] = await Promise.all([
    facts.ask('policy-objects'),
    facts.ask('endpoint'),
    facts.ask('profiles'),
    facts.ask('source-endpoint'),
    facts.ask('source-profiles'),
  ]);
  if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
  const ends = { endpoint, profiles, sourceEndpoint, sourceProfiles };
  return observed(decisionsOf(policed, facts.get('flow'), read.value, ends), read.evidence);
}

function decisionsOf(
  policed: readonly PolicedWalk[],
  flow: Flow,
  objects: { readonly ingress: PolicyObjects | null; readonly egress: PolicyObjects | null },
  { endpoint, profiles, sourceEndpoint, sourceProfiles }: KnownEnds,
): readonly ExpectedDecision[] {
  const destination: KnownEnd = { end: flow.destination, endpoint, profiles };
  const source: KnownEnd = { end: flow.source, endpoint: sourceEndpoint, profiles: sourceProfiles };
  return policed.map((one) => {
    const {
      direction,
      walk: { leg, node },
    } = one;
    return {
      leg,
      node,
      direction,
      ...decisionAt(one.walk.packet, direction, {
        judged: direction === 'ingress' ? destination : source,
        source,
        destination,
        objects: objects[direction],
      }),
    };
  });
}

/** Returns the end that judges, both ends of the packet, and the judge's endpoint in the datastore; null: not read. */
interface Known {
  readonly judged: KnownEnd;
  readonly source: KnownEnd;
  readonly destination: KnownEnd;
  readonly objects: PolicyObjects | null;
}

function unknown(by: string): Expected {
  return { decision: 'unknown', by, policies: [] };
}

/** Returns what the datastore's policies decide for one packet at one endpoint. */
export function decisionAt(
  packet: Packet,
  direction: 'ingress' | 'egress',
  { judged, source, destination, objects }: Known,
): Expected {
  const {
    end: { namespace, name },
    endpoint,
    profiles,
  } = judged;
  const who = `${namespace}/${name}`;
  if (endpoint.status === 'unavailable') return unknown(`the endpoint of ${who} could not be read: ${endpoint.reason}`);
  if (!endpoint.value) return unknown(`the datastore has no endpoint of ${who}`);
  if (profiles.status === 'unavailable') return unknown(`the profiles of ${who} could not be read: ${profiles.reason}`);
  if (!objects) return unknown(`the policies for ${who} were not read`);
  return decide({
    direction,
    packet,
    labels: labelsOf(endpoint.value, profiles),
    profiles: profiles.value.map((lookup) => ({
      name: lookup.name,
      rules: lookup.profile && {
        ingress: lookup.profile.spec?.ingress ?? [],
        egress: lookup.profile.spec?.egress ?? [],
      },
    })),
    source: packetEnd(packet.source, source, objects),
    destination: packetEnd(packet.destination, destination, objects),
    tiers: objects.tiers,
    policies: objects.policies,
  });
}
