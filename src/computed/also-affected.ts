import { isSamePolicy, policyName } from '../calico/policy-names.ts';
import { usualProfiles } from '../calico/usual-profiles.ts';
import type { AlsoAffected } from '../model/also-affected.ts';
import type { PolicyObjects } from '../model/calico.ts';
import { defineComputed } from '../model/computed.ts';
import type { Denial } from '../model/denial.ts';
import { observed, type Fact } from '../model/evidence.ts';
import type { Flow } from '../model/flow.ts';
import type { Pod } from '../model/kubernetes.ts';
import { own } from '../model/own.ts';
import { isUnknown } from '../policy/answer.ts';
import { appliesTo } from '../policy/order.ts';
import type { Labels } from '../policy/selector.ts';

export const alsoAffected = defineComputed({
  id: 'also-affected',
  description: 'Other pods that the policies and profiles judge which end packets of the flow.',
  essential: false,
  needs: ['flow', 'denials', 'pods'],
  considers: ['policy-objects'],
  async compute(facts) {
    const { denied } = facts.get('denials');
    const [flow, pods] = [facts.get('flow'), facts.get('pods')];
    const others = pods.filter((pod) => !pod.spec.hostNetwork && pod.spec.nodeName && !isEndOf(flow, pod));
    const objects = denied.some(isOfPolicy) ? await facts.ask('policy-objects') : null;
    const found = denied.flatMap((denial) => [...ofPolicies(denial, objects, others), ...ofProfile(denial, others)]);
    return observed(found.filter((one, at) => found.findIndex(({ element }) => element === one.element) === at));
  },
});

function isEndOf({ source, destination }: Flow, { metadata }: Pod): boolean {
  return [source, destination].some(
    (end) => end.kind === 'pod' && end.namespace === metadata.namespace && end.name === metadata.name,
  );
}

function isOfPolicy({ class: kind }: Denial): boolean {
  return kind === 'policy-rule' || kind === 'tier-end';
}

type Objects = Fact<{ readonly ingress: PolicyObjects | null; readonly egress: PolicyObjects | null }> | null;

function ofPolicies(denial: Denial, objects: Objects, pods: readonly Pod[]): readonly AlsoAffected[] {
  const { direction, policies } = denial.owner;
  if (!isOfPolicy(denial) || direction === null || objects?.status !== 'observed') return [];
  const stored = objects.value[direction]?.policies ?? [];
  return policies.flatMap(({ namespace, name }) => {
    const words = namespace === null ? name : `${namespace}/${name}`;
    const [policy, ...more] = stored.filter((one) => isSamePolicy(words, policyName(one)));
    // Two policies of one name are of two kinds: which of them ends the packet is not known here.
    if (!policy || more.length > 0) return [];
    const answers = pods.map((pod) => appliesTo(policy, { direction, labels: labelsOfPod(pod) }));
    return [
      {
        element: `policy ${words}`,
        pods: namesOf(pods.filter((_, at) => answers[at] === true)),
        unknown: answers.filter((answer) => answer !== undefined && isUnknown(answer)).length,
      },
    ];
  });
}

function ofProfile({ profile }: Denial, pods: readonly Pod[]): readonly AlsoAffected[] {
  if (!profile) return [];
  const { name } = profile;
  const users = pods.filter(({ metadata, spec }) =>
    usualProfiles({
      namespace: metadata.namespace ?? '',
      serviceAccount: spec.serviceAccountName ?? 'default',
    }).includes(name),
  );
  return [{ element: `profile ${name}`, pods: namesOf(users), unknown: 0 }];
}

function namesOf(pods: readonly Pod[]): readonly string[] {
  return pods.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).toSorted();
}

/** The labels of a pod's endpoint (libcalico-go conversion); its namespace's own labels were not read. */
function labelsOfPod({ metadata, spec }: Pod): Labels {
  const { namespace = '' } = metadata;
  const added: Readonly<Record<string, string>> = {
    'projectcalico.org/orchestrator': 'k8s',
    'projectcalico.org/namespace': namespace,
    'projectcalico.org/serviceaccount': spec.serviceAccountName ?? 'default',
    'pcns.projectcalico.org/name': namespace,
    'pcns.kubernetes.io/metadata.name': namespace,
  };
  return (label) =>
    own(added, label) ??
    own(metadata.labels, label) ??
    (/^pc(?:ns|sa)\./.test(label) ? { unknown: `the labels of namespace ${namespace} were not read` } : null);
}
