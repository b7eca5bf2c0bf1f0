import type { Fact } from '../../model/evidence.ts';
import type { Profile, ProfileLookup } from '../../model/calico.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { isOutdated, outdatedWords } from '../lib/expected.ts';
import { egressLegs, ingressLegs, walkDoubt } from '../lib/walk-doubt.ts';
import { dropProof, isDenied, ruleWords, walkEvidence } from '../lib/walks.ts';

/** For an endpoint without profiles, of which there is none to show. */
const noProfile: Advice = { who: 'whoever administers Calico', commands: ['calicoctl get workloadendpoint -A -o wide   # which profiles does the endpoint of {interface} name?'] };

export const podProfileDenies = defineRule({
  id: 'pod-profile-denies',
  description: 'The profiles exist (or the endpoint has none) and no rule of theirs allows the flow.',
  step: 'filter',
  requires: ['flow', 'walks'],
  considers: ['profiles', 'source-profiles', 'drop-counters', 'flow-outcome', 'expected-decisions'],
  advice: { who: 'whoever administers Calico', commands: ['calicoctl get profile {profile} -o yaml'] },
  messages: {
    denies: { title: 'Profile {profile} does not allow the flow on {node}', detail: 'The packet ends at {rule}; the profile exists and denies it. {counters}' },
    none: { title: 'No profile of the pod allows the flow on {node}', detail: 'The packet ends at {rule} of interface {interface}: the endpoint\'s profiles ({profile}) exist and none of them allows it. {counters}' },
  },
  judge({ flow, walks }, { profiles, 'source-profiles': sourceProfiles, 'drop-counters': counters, 'flow-outcome': outcome, 'expected-decisions': expected }, evidence) {
    const findings: RawFinding<'denies' | 'none'>[] = [];
    const doubts: string[] = [];
    const outdated: string[] = [];
    for (const walk of walks.filter(isDenied)) {
      const { owner, rule } = walk.result;
      const byNone = owner?.kind === 'endpoint' && rule?.comments.some((comment) => comment.endsWith('if no profiles matched'));
      if (!owner || !rule || (owner.kind !== 'profile' && !byNone)) continue;
      if (isOutdated(walk, expected)) {
        outdated.push(outdatedWords(walk, expected));
        continue;
      }
      const key = isOfSource(walk) ? 'source-profiles' : 'profiles';
      const lookups: Fact<readonly ProfileLookup[]> = key === 'profiles' ? profiles : sourceProfiles;
      if (lookups.status === 'unavailable') {
        doubts.push(`the packet ends at ${ruleWords(rule)}, and the datastore could not be asked for the profiles: ${lookups.reason}`);
        continue;
      }
      const profile = lookups.value.find((lookup) => lookup.name === owner.name)?.profile ?? null;
      if (!byNone && profile === null) continue;
      // A chain that still stands in for a profile that exists now is stale rules, not a profile that denies.
      if (walk.standInForProfile && !deniesItself(profile)) {
        doubts.push(`on ${walk.node} the chain of ${owner.name} still stands in for a missing profile, which exists now`);
        continue;
      }
      const { proof, words } = dropProof(walk, counters, false);
      const names = lookups.value.map(({ name }) => name).join(' ');
      findings.push({
        message: byNone ? 'none' : 'denies',
        data: { node: walk.node, rule: ruleWords(rule), counters: words, profile: byNone ? names || 'none' : owner.name, interface: owner.name },
        subject: { kind: byNone ? 'Interface' : 'Profile', name: owner.name },
        node: walk.node,
        proof,
        evidence: [...evidence(key), ...walkEvidence(walk, evidence('walks'))],
        stopsFlow: true,
        ...(byNone && names === '' ? { advice: noProfile } : {}),
      });
    }
    if (findings.length > 0) return fail(...findings);
    if (outdated.length > 0 && doubts.length === 0) return notApplicable(outdated.join('; '));
    const doubt = doubts[0] ?? walkDoubt({ flow, walks }, outcome, [...ingressLegs, ...egressLegs]);
    return doubt ? inconclusive(doubt) : pass('no profile that exists ends the packet');
  },
});

/** Which end's profiles judge on this leg: the source's where the packet leaves it, or its answer comes back. */
function isOfSource({ leg, result }: PacketWalk): boolean {
  return leg === 'source-egress' || leg === 'reply-source-ingress' || (leg === 'same-node' && result.owner?.direction === 'egress');
}

function deniesItself(profile: Profile | null): boolean {
  return [...(profile?.spec?.ingress ?? []), ...(profile?.spec?.egress ?? [])].some(({ action }) => action.toLowerCase() === 'deny');
}
