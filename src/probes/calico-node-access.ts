import { observed, unavailable } from '../model/evidence.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineClusterProbe } from '../model/probe.ts';
import { reviewAccess } from './access-review.ts';
import { unavailableAnswer } from './evidence.ts';

/** What Felix lists and watches with the Kubernetes datastore (manifests/calico.yaml, ClusterRole calico-node). */
const neededByFelix = [
  { group: '', resource: 'namespaces' },
  { group: '', resource: 'pods' },
  { group: '', resource: 'nodes' },
  { group: '', resource: 'serviceaccounts' },
  { group: '', resource: 'services' },
  { group: 'networking.k8s.io', resource: 'networkpolicies' },
  { group: 'discovery.k8s.io', resource: 'endpointslices' },
];

export const calicoNodeAccess = defineClusterProbe({
  id: 'calico-node-access',
  description: "What calico-node's account may do, where Felix reads the Kubernetes API: one SubjectAccessReview a verb.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: {},
  needs: ['datastore', 'pod'],
  provides: ['calico-node-access'],
  async read(look, facts) {
    const { kind } = facts.get('datastore');
    if (kind === null) return { 'calico-node-access': unavailable('not-supported', 'calicoctl\'s settings on the node do not say which datastore Calico uses') };
    if (kind === 'etcdv3') return { 'calico-node-access': unavailable('not-applicable', 'Felix reads etcd, not the Kubernetes API') };
    const node = facts.get('pod').spec.nodeName ?? '';
    const pods = await look.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'k8s-app in (calico-node, canal)', fieldSelector: `spec.nodeName=${node}`, limit: 5 });
    if (!pods.ok) return { 'calico-node-access': unavailableAnswer(pods) };
    const [pod] = pods.value;
    if (!pod) return { 'calico-node-access': unavailable('api-not-found', `no calico-node pod on ${node}`) };
    const account = { namespace: pod.metadata.namespace ?? 'kube-system', name: pod.spec.serviceAccountName ?? 'default' };
    const { reviews, evidence } = await reviewAccess(look.cluster, account, neededByFelix);
    return { 'calico-node-access': 'status' in reviews ? reviews : observed({ account, reviews }, evidence) };
  },
});
