import { defineRule, fail, notApplicable, pass, type RawFinding } from '../model/rule.ts';
import { dropProof, isDenied, ruleWords, walkEvidence } from './walks.ts';

export const podProfileDenies = defineRule({
  id: 'pod-profile-denies',
  description: 'The profiles exist (or the endpoint has none) and no rule of theirs allows the flow.',
  step: 'filter',
  requires: ['flow', 'walks'],
  considers: ['profiles', 'source-profiles', 'drop-counters'],
  explainedBy: [],
  advice: { who: 'whoever administers Calico', commands: ['calicoctl get profile {profile} -o yaml'] },
  messages: {
    denies: { title: 'No profile of the pod allows the flow on {node}', detail: 'The packet ends at {rule}; the profiles exist and none of them allows it. {counters}' },
  },
  judge({ flow, walks }, { profiles, 'source-profiles': sourceProfiles, 'drop-counters': counters }, evidence) {
    if (walks.length === 0) return notApplicable('the packet could not be walked');
    const findings: RawFinding<'denies'>[] = [];
    for (const walk of walks.filter(isDenied)) {
      const { owner, rule } = walk.result;
      const lookups = walk.node === flow.destination.node && owner?.direction !== 'egress' ? profiles : sourceProfiles;
      if (lookups.status !== 'observed' || !rule) continue;
      const byProfile = owner?.kind === 'profile' && lookups.value.some((lookup) => lookup.name === owner.name && lookup.profile !== null);
      const byNone = owner?.kind === 'endpoint' && rule.comments.some((comment) => comment.endsWith('if no profiles matched'));
      if (!byProfile && !byNone) continue;
      // A chain that still stands in for a profile that exists now is stale rules, not a profile that denies.
      if (byProfile && walk.standInForProfile && !deniesItself(lookups.value.find((lookup) => lookup.name === owner.name)?.profile)) continue;
      const { proof, words } = dropProof(walk, counters, false);
      findings.push({
        message: 'denies',
        data: { node: walk.node, rule: ruleWords(rule), counters: words, profile: byProfile ? owner.name : '' },
        subject: { kind: 'Profile', name: byProfile ? owner.name : (owner?.name ?? '') },
        node: walk.node,
        proof,
        evidence: [...evidence('profiles'), ...walkEvidence(walk, evidence('walks'))],
        stopsFlow: true,
      });
    }
    return findings.length > 0 ? fail(...findings) : pass('no profile that exists ends the packet');
  },
});

function deniesItself(profile: { readonly spec?: { readonly ingress?: readonly { readonly action: string }[]; readonly egress?: readonly { readonly action: string }[] } } | null | undefined): boolean {
  return [...(profile?.spec?.ingress ?? []), ...(profile?.spec?.egress ?? [])].some(({ action }) => action.toLowerCase() === 'deny');
}
