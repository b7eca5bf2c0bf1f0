import { neededByFelix } from '../../calico/felix-rights.ts';
import { reviewsAccess } from '../../model/api-reads.ts';
import { nodeComponent } from '../../model/calico-components.ts';
import { observed, unavailable } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { reviewAccess } from '../lib/access-review.ts';
import { datastoreKindOf } from '../lib/datastore-kind-of.ts';
import { componentReads, findComponent } from '../lib/calico-component.ts';

/**
 * Felix's words where a list or watch of the datastore is refused: without it, it is never in sync. Newer versions of
 * Felix need more kinds than older ones, and a role may be of an older one.
 */
const watcher = 'felix/watchercache.go ';
const refused = /cannot (?:list|watch) resource "([a-z0-9.-]{1,100})" in API group "([a-z0-9.-]{0,100})"/;
/** More kinds than a role lacks by mistake; a log may hold anything. */
const mostRefused = 10;

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
  uses: ['datastore', 'felix-log@target'],
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
    const review = (needs: readonly Need[]) => reviewAccess(look.cluster, account, needs);
    const [usual, log] = await Promise.all([review(neededByFelix), facts.ask('felix-log@target')]);
    const more = log.status === 'observed' ? refusedIn(log.value) : [];
    const others = more.length === 0 ? { reviews: [], evidence: [] } : await review(more);
    if ('status' in usual.reviews) return { 'calico-node-access': usual.reviews };
    if ('status' in others.reviews) return { 'calico-node-access': others.reviews };
    const reviews = [...usual.reviews, ...others.reviews];
    return { 'calico-node-access': observed({ account, reviews }, [...usual.evidence, ...others.evidence]) };
  },
});

interface Need {
  readonly group: string;
  readonly resource: string;
}

/** What Felix says that it was refused, and is not asked for anyway. A log proves nothing: the API server is asked. */
function refusedIn(lines: readonly string[]): readonly Need[] {
  const found = new Map<string, Need>();
  for (const line of lines) {
    const [, resource, group = ''] = (line.includes(watcher) && refused.exec(line)) || [];
    const isUsual = neededByFelix.some((need) => need.resource === resource && need.group === group);
    if (resource !== undefined && !isUsual) found.set(`${resource}.${group}`, { group, resource });
  }
  return [...found.values()].slice(0, mostRefused);
}
