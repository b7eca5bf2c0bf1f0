import { observed, unavailable } from '../model/evidence.ts';
import type { AccessAnswer, AccessQuestion } from '../model/kubernetes.ts';
import { defineClusterProbe } from '../model/probe.ts';
import { evidenceOfAnswer, unavailableAnswer } from './evidence.ts';

/** What each controller lists and watches in etcd mode (manifests/calico-etcd.yaml, ClusterRole calico-kube-controllers). */
const neededBy: Readonly<Record<string, readonly { readonly group: string; readonly resource: string }[]>> = {
  policy: [{ group: 'networking.k8s.io', resource: 'networkpolicies' }],
  namespace: [{ group: '', resource: 'namespaces' }],
  profile: [{ group: '', resource: 'namespaces' }],
  serviceaccount: [{ group: '', resource: 'serviceaccounts' }],
  workloadendpoint: [{ group: '', resource: 'pods' }],
  node: [{ group: '', resource: 'nodes' }],
};
/** Without ENABLED_CONTROLLERS the running configuration decides; these are its defaults in etcd mode. */
const usual = ['policy', 'namespace', 'serviceaccount', 'workloadendpoint', 'node'];
const verbs = ['list', 'watch'];

export const controllerAccess = defineClusterProbe({
  id: 'controller-access',
  description: 'What the account that the controller really runs as may do: one SubjectAccessReview a verb.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: {},
  needs: ['controller'],
  provides: ['controller-access'],
  async read(look, facts) {
    const { account, enabledControllers } = facts.get('controller');
    if (!account) return { 'controller-access': unavailable('not-applicable', 'there is no controller') };
    const resources = new Map((enabledControllers ?? usual).flatMap((name) => neededBy[name] ?? []).map((need) => [`${need.group}/${need.resource}`, need]));
    const user = `system:serviceaccount:${account.namespace}:${account.name}`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'];
    const questions: AccessQuestion[] = [...resources.values()].flatMap((need) => verbs.map((verb) => ({ user, groups, ...need, verb })));
    const answers = await Promise.all(questions.map((question) => look.cluster.accessReview(question)));
    const failed = answers.find((answer) => !answer.ok);
    if (failed && !failed.ok) return { 'controller-access': unavailableAnswer(failed) };
    const reviews: AccessAnswer[] = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
    const [first] = answers;
    const lines = reviews.map((review) => `${review.user}: ${review.verb} ${review.resource}${review.group ? `.${review.group}` : ''}: ${review.allowed ? 'allowed' : 'denied'}`);
    return { 'controller-access': observed(reviews, first ? [evidenceOfAnswer(first, lines.join('\n'))] : []) };
  },
});
