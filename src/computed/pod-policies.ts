import { defineComputed } from '../model/computed.ts';
import { observed, unavailable } from '../model/evidence.ts';
import { ruleLines, selecting, tierEnds } from '../policy/selecting.ts';
import { labelsOf } from './lib/packet-ends.ts';

export const podPolicies = defineComputed({
  id: 'pod-policies',
  description: "The policies that select the pod, in their order, and what each admits; the pod's profiles.",
  essential: false,
  needs: ['pod', 'endpoint', 'profiles', 'stored-policies'],
  compute(facts) {
    const endpoint = facts.get('endpoint');
    const { metadata } = facts.get('pod');
    const who = `${metadata.namespace ?? 'default'}/${metadata.name}`;
    if (!endpoint) return unavailable('not-credible', `the datastore has no endpoint of ${who}`);
    const profiles = facts.get('profiles');
    const labels = labelsOf(endpoint, observed(profiles));
    const {
      target: { policies, tiers },
      staged,
    } = facts.get('stored-policies');
    const found = selecting(policies, tiers, labels).map(({ told }) => told);
    return observed(
      {
        policies: found,
        staged:
          'unread' in staged
            ? staged
            : selecting(staged, tiers, labels).map(({ policy, told }) => ({
                ...told,
                stagedAction: policy.stagedAction,
              })),
        profiles: profiles.map(({ name, profile }) => ({
          name,
          rules: profile && {
            ingress: ruleLines(profile.spec?.ingress, 'ingress', null),
            egress: ruleLines(profile.spec?.egress, 'egress', null),
          },
        })),
        ingress: tierEnds(found, tiers, 'ingress'),
        egress: tierEnds(found, tiers, 'egress'),
      },
      facts.evidence('stored-policies'),
    );
  },
});
