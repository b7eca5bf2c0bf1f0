import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import type { Expected } from '../model/expected-decision.ts';
import type { PolicyObjects } from '../model/facts.ts';
import { policedWalks, type PolicedWalk } from '../ruleset/flow-walks/policed.ts';
import { decide } from '../policy/decide.ts';
import { labelsOf, packetEnd, type KnownEnd } from './lib/packet-ends.ts';

export const expectedDecisions = defineComputed({
  id: 'expected-decisions',
  description:
    "Decisions of the datastore's policies, tiers and profiles on a packet that the node's policy or profile chains end.",
  essential: false,
  needs: ['flow', 'walks'],
  considers: ['policy-objects', 'endpoint', 'profiles', 'source-endpoint', 'source-profiles'],
  async compute(facts) {
    const policed = policedWalks(facts.get('walks'));
    if (policed.length === 0) return unavailable('not-applicable', 'no policy or profile chain ends the packet');
    const flow = facts.get('flow');
    const [read, endpoint, profiles, sourceEndpoint, sourceProfiles] = await Promise.all([
      facts.ask('policy-objects'),
      facts.ask('endpoint'),
      facts.ask('profiles'),
      facts.ask('source-endpoint'),
      facts.ask('source-profiles'),
    ]);
    if (read.status === 'unavailable') return unavailable('needed-fact-missing', read.reason, read.evidence);
    const destination: KnownEnd = { end: flow.destination, endpoint, profiles };
    const source: KnownEnd = { end: flow.source, endpoint: sourceEndpoint, profiles: sourceProfiles };
    const decisions = policed.map((one) => {
      const {
        direction,
        walk: { leg, node },
      } = one;
      return {
        leg,
        node,
        direction,
        ...expected(one, {
          judged: direction === 'ingress' ? destination : source,
          source,
          destination,
          objects: read.value[direction],
        }),
      };
    });
    return observed(decisions, read.evidence);
  },
});

interface Known {
  readonly judged: KnownEnd;
  readonly source: KnownEnd;
  readonly destination: KnownEnd;
  readonly objects: PolicyObjects | null;
}

function unknown(by: string): Expected {
  return { decision: 'unknown', by, policies: [] };
}

function expected(
  { walk: { packet }, direction }: PolicedWalk,
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
