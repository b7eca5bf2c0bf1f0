import type { Denial } from '../../model/denial.ts';
import type { MissingProfile } from '../../model/fix-inputs.ts';
import { profile } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, pass, type Advice, type RawFinding } from '../../model/rule.ts';
import { ruleWords } from '../../model/rule-words.ts';
import { counterWords, doubtOn, egressLegs, ingressLegs } from '../lib/denials.ts';
import { besideTwin } from '../lib/twin-words.ts';
import { workloadEndpointName } from '../../calico/endpoint-names.ts';

/** Where nobody writes profiles. */
const originAdvice: Advice = {
  who: 'the owner of namespace {namespace}',
  commands: ['kubectl get namespace {namespace}', 'kubectl -n {namespace} get serviceaccounts'],
};

export const podProfileMissing = defineRule({
  id: 'pod-profile-missing',
  description: 'An endpoint of the flow names a profile that does not exist, so Felix drops the packet.',
  step: 'endpoint',
  requires: ['flow', 'denials'],
  considers: ['profiles', 'source-profiles', 'datastore-kind', 'twin-walks'],
  lacks: ['profile'],
  fix: 'create-pod-profile',
  advice: {
    who: 'the Calico administrator',
    commands: [
      'calicoctl get profile {profile} -o yaml',
      'kubectl get namespace {namespace} --show-labels   # the controller makes the profile from these',
    ],
  },
  messages: {
    missing: {
      title: 'Profile {profile} of pod {pod} does not exist',
      detail:
        'The endpoint names the profile, and the datastore does not have it. Felix on {node} therefore drops ' +
        'all traffic of the pod that no policy decides ({rule}). {counters}{twin}',
    },
    underived: {
      title: 'Profile {profile} of pod {pod} does not exist',
      detail:
        'With the Kubernetes datastore, Calico derives the profile from the {origin}, and the API server does not ' +
        'have it. Felix on {node} therefore drops all traffic of the pod that no policy decides ({rule}). ' +
        '{counters}{twin}',
    },
  },
  judge({ flow, denials }, { 'datastore-kind': home, 'twin-walks': twins }, evidence) {
    const isDerived = home.status === 'observed' && home.value.kind === 'kubernetes';
    const byProfile = denials.denied.filter((one) => one.class === 'profile-stand-in' || one.class === 'profile');
    const findings: RawFinding<'missing' | 'underived', MissingProfile>[] = [];
    const missed = byProfile.filter(
      ({ class: kind, profile: known }) => kind === 'profile-stand-in' && known?.state === 'missing',
    );
    // Source and pod of one namespace share the profile: one finding, for the pod, or for the end that stops the flow.
    const stops = (end: Denial['end']) => Number(missed.some((one) => one.end === end && one.stopsFlow));
    for (const end of (['destination', 'source'] as const).toSorted((a, b) => stops(b) - stops(a))) {
      const denial = missed.find((one) => one.end === end);
      const { namespace, name, node, nodeAddress } = flow[end];
      const missing = denial?.profile?.name;
      if (
        !denial ||
        missing === undefined ||
        !namespace ||
        !node ||
        findings.some((finding) => finding.subject.name === missing)
      )
        continue;
      const twin = besideTwin(denial, twins, evidence('twin-walks'));
      findings.push({
        message: isDerived ? 'underived' : 'missing',
        data: {
          profile: missing,
          origin: missing.startsWith('ksa.') ? 'service account of the pod' : 'namespace of the pod',
          pod: `${namespace}/${name}`,
          namespace,
          node,
          rule: ruleWords(denial.rule),
          counters: counterWords(denial),
          twin: twin.words,
        },
        subject: { kind: 'Profile', name: missing },
        node,
        // The datastore's own word is what decides; the counter, where it can be read, shows the drop itself.
        proof: denial.proof === 'counter' ? 'counter' : 'read',
        evidence: [
          ...evidence(end === 'source' ? 'source-profiles' : 'profiles').filter(
            ({ command }) => isDerived || command.includes(` ${missing} `) || command.includes('workloadendpoint'),
          ),
          ...denial.evidence,
          ...twin.evidence,
        ],
        stopsFlow: denial.stopsFlow,
        lacks: [profile(missing)],
        ...(isDerived
          ? { advice: originAdvice, noFix: 'with the Kubernetes datastore profiles follow from other objects' }
          : nodeAddress === null
            ? { noFix: `the address of node ${node} is not known` }
            : {
                fixInput: {
                  profile: missing,
                  namespace,
                  pod: name,
                  workloadEndpoint: workloadEndpointName(node, name),
                  node,
                  nodeAddress,
                },
              }),
      });
    }
    if (findings.length > 0) return fail(...findings);
    const doubts = byProfile.flatMap(({ profile: known, doubt }) =>
      known?.state === 'unknown' && doubt !== null ? [doubt] : [],
    );
    if (doubts.length > 0) return inconclusive(doubts.join('; '));
    if (byProfile.length > 0) return pass('the datastore has the profile whose chain ends the packet');
    const doubt = doubtOn(denials, [...ingressLegs, ...egressLegs]);
    return doubt ? inconclusive(doubt) : pass('no profile chain ends the packet');
  },
});
