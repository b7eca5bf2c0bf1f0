import { neededByFelix, neededToFindTypha } from '../../calico/felix-rights.ts';
import { reviewsAccess } from '../../model/api-reads.ts';
import { nodeComponent, typhaComponent } from '../../model/calico-components.ts';
import { observed, unavailable, type Evidence, type Unavailable } from '../../model/evidence.ts';
import type { AccountRights, FelixRights } from '../../model/felix-rights.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { reviewAccess } from '../lib/access-review.ts';
import { datastoreKindOf } from '../lib/datastore-kind-of.ts';
import { componentReads, findComponent, isRunning, type Component } from '../lib/calico-component.ts';

/**
 * Where a list or watch of the datastore is refused, Felix and Typha say so: without it, they are never in sync. Newer
 * versions need more kinds than older ones, and a role may be of an older one.
 */
const watcher = /(?:felix|typha)\/watchercache\.go /;
const refused = /cannot (?:list|watch) resource "([a-z0-9.-]{1,100})" in API group "([a-z0-9.-]{0,100})"/;
/** More kinds than a role lacks by mistake; a log may hold anything. */
const mostRefused = 10;

export const calicoNodeAccess = defineClusterProbe({
  id: 'calico-node-access',
  description:
    'Rights of the account with which Felix, or Typha for it, reads the API: one SubjectAccessReview a verb.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [
    ...componentReads(nodeComponent),
    ...componentReads(typhaComponent),
    { verb: 'get', apiVersion: 'v1', kind: 'Pod', subresource: 'log', where: 'calico' },
    reviewsAccess,
  ],
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
    const [found, typha] = await Promise.all([
      findComponent(nodeComponent, { cluster, calicoNamespaces, node }),
      findComponent(typhaComponent, look),
    ]);
    if (found.status === 'unavailable') return { 'calico-node-access': found };
    const pod = found.value?.pods[0];
    if (!found.value || !pod)
      return { 'calico-node-access': unavailable('api-not-found', `Calico's DaemonSet has no pod on ${node}`) };
    // Whose rights count is not known then.
    if (typha.status === 'unavailable') return { 'calico-node-access': typha };
    const own = accountOf(found.value, pod);
    const reader = typha.value && (typha.value.workload.spec.replicas ?? 1) > 0 ? typha.value : null;
    if (!reader) {
      const log = await facts.ask('felix-log@target');
      const rights = await readersRights(cluster, own, log.status === 'observed' ? log.value : []);
      return { 'calico-node-access': 'status' in rights ? rights : observed(rights.value, rights.evidence) };
    }
    const account = accountOf(reader, reader.pods[0]);
    const isShared = account.namespace === own.namespace && account.name === own.name;
    const [ofTypha, ofFelix] = await Promise.all([
      logOf(reader, cluster).then((log) => readersRights(cluster, account, log)),
      reviewAccess(cluster, own, isShared ? [] : neededToFindTypha, ['list']),
    ]);
    if ('status' in ofTypha) return { 'calico-node-access': ofTypha };
    if ('status' in ofFelix.reviews) return { 'calico-node-access': ofFelix.reviews };
    const value: FelixRights = { account: own, reviews: ofFelix.reviews, typha: ofTypha.value };
    return { 'calico-node-access': observed(value, [...ofTypha.evidence, ...ofFelix.evidence]) };
  },
});

function accountOf({ workload }: Component, pod: Component['pods'][number] | undefined): AccountRights['account'] {
  const { serviceAccountName = 'default' } = pod?.spec ?? workload.spec.template.spec;
  return { namespace: workload.metadata.namespace, name: serviceAccountName };
}

/** What Typha says; nothing where its log cannot be read. */
async function logOf({ workload, pods }: Component, cluster: ClusterReader): Promise<readonly string[]> {
  const pod = pods.find(isRunning);
  if (!pod) return [];
  const log = await cluster.podLog({
    namespace: workload.metadata.namespace,
    pod: pod.metadata.name,
    container: 'calico-typha',
    tailLines: 400,
    limitBytes: 200_000,
  });
  return log.ok ? log.value.split('\n') : [];
}

/** Rights of the account that reads the whole datastore, also those that its own log says it was refused. */
async function readersRights(
  cluster: ClusterReader,
  account: AccountRights['account'],
  log: readonly string[],
): Promise<Unavailable | { readonly value: AccountRights; readonly evidence: readonly Evidence[] }> {
  const [usual, more] = await Promise.all([
    reviewAccess(cluster, account, neededByFelix),
    reviewAccess(cluster, account, refusedIn(log)),
  ]);
  if ('status' in usual.reviews) return usual.reviews;
  if ('status' in more.reviews) return more.reviews;
  const reviews = [...usual.reviews, ...more.reviews];
  return { value: { account, reviews }, evidence: [...usual.evidence, ...more.evidence] };
}

interface Need {
  readonly group: string;
  readonly resource: string;
}

/**
 * What Felix or Typha says that it was refused, and is not asked for anyway. A log proves nothing: the API server is
 * asked.
 */
function refusedIn(lines: readonly string[]): readonly Need[] {
  const found = new Map<string, Need>();
  for (const line of lines) {
    const [, resource, group = ''] = (watcher.test(line) && refused.exec(line)) || [];
    const isUsual = neededByFelix.some((need) => need.resource === resource && need.group === group);
    if (resource !== undefined && !isUsual) found.set(`${resource}.${group}`, { group, resource });
  }
  return [...found.values()].slice(0, mostRefused);
}
