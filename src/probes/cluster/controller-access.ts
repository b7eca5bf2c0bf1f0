import { policyController } from '../../calico/controller-names.ts';
import { reviewsAccess } from '../../model/api-reads.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { own } from '../../model/own.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { reviewAccess } from '../lib/access-review.ts';

/**
 * What each controller lists and watches in etcd mode (manifests/calico-etcd.yaml, ClusterRole
 * calico-kube-controllers).
 */
const neededBy: Readonly<Record<string, readonly { readonly group: string; readonly resource: string }[]>> = {
  policy: [{ group: 'networking.k8s.io', resource: 'networkpolicies' }],
  namespace: [{ group: '', resource: 'namespaces' }],
  profile: [{ group: '', resource: 'namespaces' }],
  serviceaccount: [{ group: '', resource: 'serviceaccounts' }],
  workloadendpoint: [{ group: '', resource: 'pods' }],
  node: [{ group: '', resource: 'nodes' }],
};
/** What the policy controller lists and watches. */
const ofPolicyController = [
  { group: '', resource: 'namespaces' },
  { group: '', resource: 'pods' },
  { group: 'extensions', resource: 'networkpolicies' },
];
/** Without ENABLED_CONTROLLERS the running configuration decides; these are its defaults in etcd mode. */
const usual = ['policy', 'namespace', 'serviceaccount', 'workloadendpoint', 'node'];

export const controllerAccess = defineClusterProbe({
  id: 'controller-access',
  description: 'Rights of the account that the controller really runs as: one SubjectAccessReview a verb.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [reviewsAccess],
  needs: ['controller'],
  provides: ['controller-access'],
  async read(look, facts) {
    const { name, account, enabledControllers } = facts.get('controller');
    if (!account) return { 'controller-access': unavailable('not-applicable', 'no controller is installed') };
    const needs =
      name === policyController
        ? ofPolicyController
        : (enabledControllers ?? usual).flatMap((one) => own(neededBy, one) ?? []);
    const resources = new Map(needs.map((need) => [`${need.group}/${need.resource}`, need]));
    const { reviews, evidence } = await reviewAccess(look.cluster, account, [...resources.values()]);
    return { 'controller-access': 'status' in reviews ? reviews : observed(reviews, evidence) };
  },
});
