import { isolationAnnotation, oldProfileNamespace } from '../../calico/usual-profiles.ts';
import type { Denial } from '../../model/denial.ts';
import type { ProfileLookup } from '../../model/calico.ts';
import type { Fact } from '../../model/evidence.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { counterWords, doubtOn, egressLegs, ingressLegs, isOutdated, outdatedWords } from '../lib/denials.ts';
import { besideTwin } from '../lib/twin-words.ts';

/** For an endpoint without profiles, of which there is none to show. */
const noProfile: Advice = {
  who: 'the Calico administrator',
  commands: ['calicoctl get workloadendpoint -A -o wide   # which profiles does the endpoint of {interface} name?'],
};

/** For the profile of a namespace in Calico 2.x. */
const isolated: Advice = {
  who: 'the owner of namespace {namespace}',
  commands: [
    `kubectl get namespace {namespace} -o yaml   # with the annotation ${isolationAnnotation}, Calico 2.x denies ` +
      'what no policy allows',
    'calicoctl get profile {profile} -o yaml',
  ],
};

export const podProfileDenies = defineRule({
  id: 'pod-profile-denies',
  description: 'The endpoint has no profile, or its profiles exist and do not allow the flow.',
  step: 'filter',
  requires: ['denials'],
  considers: ['profiles', 'source-profiles', 'twin-walks'],
  advice: { who: 'the Calico administrator', commands: ['calicoctl get profile {profile} -o yaml'] },
  messages: {
    denies: {
      title: 'Profile {profile} does not allow the flow on {node}',
      detail: 'The profile exists and denies the packet. It ends at {rule}. {counters}{twin}',
    },
    none: {
      title: 'No profile of the pod allows the flow on {node}',
      detail:
        'The profiles of the endpoint ({profile}) do not allow the packet. It ends at {rule} of interface ' +
        '{interface}. {counters}{twin}',
    },
  },
  judge({ denials }, { profiles, 'source-profiles': sourceProfiles, 'twin-walks': twins }, evidence) {
    const denied = denials.denied.filter(
      (one) => one.class === 'profile' || one.class === 'no-profile-matched' || isInDoubt(one),
    );
    const standing = denied.filter((one) => !isOutdated(one));
    const doubts = standing.flatMap(({ doubt }) => doubt ?? []);
    const findings = standing
      .filter(({ doubt }) => doubt === null)
      .map((denial): RawFinding<'denies' | 'none'> => {
        const { end, owner, rule, node, proof } = denial;
        const twin = besideTwin(denial, twins, evidence('twin-walks'));
        const byNone = denial.class === 'no-profile-matched';
        const namespace = byNone ? null : oldProfileNamespace(owner.name);
        const names = namesOf(end === 'source' ? sourceProfiles : profiles);
        return {
          message: byNone ? 'none' : 'denies',
          data: {
            node,
            rule: ruleWords(rule),
            counters: counterWords(denial),
            twin: twin.words,
            profile: byNone ? names || 'none' : owner.name,
            interface: owner.name,
            namespace: namespace ?? '',
          },
          subject: { kind: byNone ? 'Interface' : 'Profile', name: owner.name },
          node,
          proof,
          evidence: [
            ...evidence(end === 'source' ? 'source-profiles' : 'profiles'),
            ...denial.evidence,
            ...twin.evidence,
          ],
          stopsFlow: denial.stopsFlow,
          ...(byNone && names === '' ? { advice: noProfile } : {}),
          ...(namespace === null ? {} : { advice: isolated }),
        };
      });
    if (findings.length > 0) return fail(...findings);
    if (denied.length > standing.length && doubts.length === 0)
      return notApplicable(denied.filter(isOutdated).map(outdatedWords).join('; '));
    const doubt = doubts[0] ?? doubtOn(denials, [...ingressLegs, ...egressLegs]);
    return doubt ? inconclusive(doubt) : pass('no profile that exists ends the packet');
  },
});

/** Felix's stand-in, for a profile that may exist. */
function isInDoubt({ class: kind, doubt }: Denial): boolean {
  return kind === 'profile-stand-in' && doubt !== null;
}

function namesOf(lookups: Fact<readonly ProfileLookup[]>): string {
  return lookups.status === 'observed' ? lookups.value.map(({ name }) => name).join(' ') : '';
}
