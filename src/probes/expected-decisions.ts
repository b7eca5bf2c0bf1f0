import { observed, unavailable, type Evidence } from '../model/evidence.ts';
import type { Expected, ExpectedDecision } from '../model/facts.ts';
import { LookError } from '../model/look-error.ts';
import { defineClusterProbe } from '../model/probe.ts';
import { decide } from '../ruleset/policy/decide.ts';
import { kubernetesPolicyReads, withKubernetesPolicies } from './kubernetes-policies.ts';
import { labelsOf, packetEnd, type KnownEnd } from './packet-ends.ts';
import { policedWalks, type PolicedWalk } from './policed-walks.ts';
import { policyObjectCommands, readPolicyObjects, type PolicyObjects } from './policy-objects.ts';

export const expectedDecisions = defineClusterProbe({
  id: 'expected-decisions',
  description: "What the datastore's policies, tiers and profiles say of a packet that the node's policy or profile chains end. Read only where they end one.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: policyObjectCommands,
  reads: kubernetesPolicyReads,
  needs: ['flow', 'walks'],
  uses: ['endpoint', 'profiles', 'source-endpoint', 'source-profiles', 'datastore'],
  runsOn: ['target', 'source'],
  provides: ['expected-decisions'],
  async read(look, facts) {
    const policed = policedWalks(facts.get('walks'));
    if (policed.length === 0) return { 'expected-decisions': unavailable('not-applicable', 'no policy or profile chain ends the packet') };
    const flow = facts.get('flow');
    const [endpoint, profiles, sourceEndpoint, sourceProfiles, datastore] = await Promise.all([facts.ask('endpoint'), facts.ask('profiles'), facts.ask('source-endpoint'), facts.ask('source-profiles'), facts.ask('datastore')]);
    const destination: KnownEnd = { end: flow.destination, endpoint, profiles };
    const source: KnownEnd = { end: flow.source, endpoint: sourceEndpoint, profiles: sourceProfiles };
    const namespaces = [...new Set([flow.destination, flow.source].flatMap(({ namespace }) => namespace ?? []))];
    /** Policies are asked of the client that returned the endpoint: an empty list counts only beside it. */
    const objects = async (direction: 'ingress' | 'egress'): Promise<PolicyObjects> => {
      const { end } = direction === 'ingress' ? destination : source;
      const node = look.on(direction === 'ingress' ? 'target' : 'source');
      const read = await readPolicyObjects((command, params) => node.run(command, params), end.namespace ?? '', namespaces);
      return withKubernetesPolicies(read, look.cluster, end.namespace ?? '', datastore);
    };
    const decisions: ExpectedDecision[] = [];
    const evidence: Evidence[] = [];
    for (const [direction, walks] of Map.groupBy(policed, (one) => one.direction)) {
      const judged = direction === 'ingress' ? destination : source;
      const missing = missingEndpoint(judged);
      if (missing) {
        decisions.push(...walks.map(({ walk: { leg, node } }) => ({ leg, node, direction, decision: 'unknown' as const, by: missing, policies: [] })));
        continue;
      }
      const read = await objects(direction);
      evidence.push(...read.evidence);
      decisions.push(...walks.map((one) => ({ leg: one.walk.leg, node: one.walk.node, direction, ...expected(one, judged, source, destination, read) })));
    }
    return { 'expected-decisions': observed(decisions, evidence) };
  },
});

/** Why policies cannot be judged for this end; null: they can. */
function missingEndpoint({ endpoint, profiles, end }: KnownEnd): string | null {
  const who = `${end.namespace}/${end.name}`;
  if (endpoint.status === 'unavailable') return `the endpoint of ${who} could not be read: ${endpoint.reason}`;
  if (!endpoint.value) return `the datastore has no endpoint of ${who}`;
  return profiles.status === 'unavailable' ? `the profiles of ${who} could not be read: ${profiles.reason}` : null;
}

function expected({ walk: { packet }, direction }: PolicedWalk, judged: KnownEnd, source: KnownEnd, destination: KnownEnd, objects: PolicyObjects): Expected {
  if (judged.endpoint.status === 'unavailable' || !judged.endpoint.value || judged.profiles.status === 'unavailable') throw new LookError('needed-fact-missing', 'the endpoint that is judged is not known');
  return decide({
    direction,
    packet,
    labels: labelsOf(judged.endpoint.value, judged.profiles),
    profiles: judged.profiles.value.map(({ name, profile }) => ({ name, rules: profile && { ingress: profile.spec?.ingress ?? [], egress: profile.spec?.egress ?? [] } })),
    source: packetEnd(packet.source, source, objects),
    destination: packetEnd(packet.destination, destination, objects),
    tiers: objects.tiers,
    policies: objects.policies,
  });
}
