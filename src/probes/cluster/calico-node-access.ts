import { reviewsAccess } from '../../model/api-reads.ts';
import { nodeComponent } from '../../model/calico-components.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { reviewAccess } from '../lib/access-review.ts';
import { datastoreKindOf } from '../lib/datastore-kind-of.ts';
import { componentReads, findComponent } from '../lib/calico-component.ts';

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
  description:
    'Rights of the account of calico-node where Felix reads the Kubernetes API: one SubjectAccessReview a verb.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [...componentReads(nodeComponent), reviewsAccess],
  needs: ['datastore-kind', 'pod'],
  uses: ['datastore'],
  provides: ['calico-node-access'],
  async read(look, facts) {
    const kind = await datastoreKindOf(facts.get('datastore-kind'), () => facts.ask('datastore'));
    if (kind === null)
      return {
        'calico-node-access': unavailable(
          'not-supported',
          "neither the settings of calico-node nor calicoctl's say which datastore Calico uses",
        ),
      };
    if (kind === 'etcdv3')
      return { 'calico-node-access': unavailable('not-applicable', 'Felix reads etcd, not the Kubernetes API') };
    const node = facts.get('pod').spec.nodeName ?? '';
    const { cluster, calicoNamespaces } = look;
    const found = await findComponent(nodeComponent, { cluster, calicoNamespaces, node });
    if (found.status === 'unavailable') return { 'calico-node-access': found };
    const pod = found.value?.pods[0];
    if (!found.value || !pod)
      return { 'calico-node-access': unavailable('api-not-found', `Calico's DaemonSet has no pod on ${node}`) };
    const account = {
      namespace: found.value.workload.metadata.namespace,
      name: pod.spec.serviceAccountName ?? 'default',
    };
    const { reviews, evidence } = await reviewAccess(look.cluster, account, neededByFelix);
    return { 'calico-node-access': 'status' in reviews ? reviews : observed({ account, reviews }, evidence) };
  },
});
