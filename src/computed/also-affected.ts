import { usualInterfacePrefix } from '../calico/endpoint-names.ts';
import { isSamePolicy, policyName } from '../calico/policy-names.ts';
import { endpointOfPod } from '../calico/kubernetes-datastore.ts';
import type { AlsoAffected } from '../model/also-affected.ts';
import type { PolicyObjects, WorkloadEndpoint } from '../model/calico.ts';
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
    const others = pods
      .filter((pod) => !isEndOf(flow, pod))
      .flatMap((pod) => endpointOfPod(pod, usualInterfacePrefix) ?? []);
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

function ofPolicies(denial: Denial, objects: Objects, others: readonly WorkloadEndpoint[]): readonly AlsoAffected[] {
  const { direction, policies } = denial.owner;
  if (!isOfPolicy(denial) || direction === null || objects?.status !== 'observed') return [];
  const stored = objects.value[direction]?.policies ?? [];
  return policies.flatMap(({ namespace, name }) => {
    const words = namespace === null ? name : `${namespace}/${name}`;
    const [policy, ...more] = stored.filter((one) => isSamePolicy(words, policyName(one)));
    // Two policies of one name are of two kinds: which of them ends the packet is not known here.
    if (!policy || more.length > 0) return [];
    const answers = others.map((other) => appliesTo(policy, { direction, labels: labelsOf(other) }));
    return [
      {
        element: `policy ${words}`,
        pods: namesOf(others.filter((_, at) => answers[at] === true)),
        unknown: answers.filter((answer) => answer !== undefined && isUnknown(answer)).length,
      },
    ];
  });
}

function ofProfile({ profile }: Denial, others: readonly WorkloadEndpoint[]): readonly AlsoAffected[] {
  if (!profile) return [];
  const { name } = profile;
  const users = others.filter(({ spec }) => spec.profiles?.includes(name));
  return [{ element: `profile ${name}`, pods: namesOf(users), unknown: 0 }];
}

function namesOf(endpoints: readonly WorkloadEndpoint[]): readonly string[] {
  return endpoints.map(({ metadata, spec }) => `${metadata.namespace}/${spec.pod}`).toSorted();
}

/** Labels of endpoints that their namespaces add, and that follow from the name; the others were not read. */
function labelsOf({ metadata }: WorkloadEndpoint): Labels {
  const { namespace = '' } = metadata;
  const named = { 'pcns.projectcalico.org/name': namespace, 'pcns.kubernetes.io/metadata.name': namespace };
  return (label) =>
    own(metadata.labels, label) ??
    own(named, label) ??
    (/^pc(?:ns|sa)\./.test(label) ? { unknown: `the labels of namespace ${namespace} were not read` } : null);
}
