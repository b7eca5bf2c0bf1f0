import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { OpenCluster } from '../model/cluster-access.ts';
import type { Pod } from '../model/kubernetes.ts';
import { nearestOf } from '../model/nearest.ts';
import type { ClusterReader } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { answeredSoon, noSuchPod, unknownOfTarget } from './preflight.ts';

/** To find names that are near the asked one. */
const nearReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' },
  { verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
];

/** Something that a target names and the API server does not know. */
export interface MissingTarget {
  readonly message: string;
  /** What may have been meant, as it is written in a command. */
  readonly near: readonly string[];
}

const listed = 500;
const shown = 3;

/** Asks before a run begins, so that a typing error is no thread. Null: all is there, or nobody could say in time. */
export async function missingTarget(open: OpenCluster, target: Target): Promise<MissingTarget | null> {
  const access = await open(target.cluster);
  try {
    const cluster = access.cluster;
    const asking = unknownOfTarget(cluster, target);
    asking.catch(() => undefined);
    const unknown = await answeredSoon(asking);
    if (typeof unknown === 'string') return null;
    return { message: unknown.message, near: await near(cluster, target, unknown.message) };
  } finally {
    await access.close();
  }
}

/** What may have been meant; nothing where the API server does not list what there is. */
async function near(reader: ClusterReader, target: Target, message: string): Promise<readonly string[]> {
  const cluster = declaredReader(reader, nearReads, [], 'missing-target');
  const { from } = target;
  const isPod = ({ namespace, name }: { readonly namespace: string; readonly name: string }) =>
    message === noSuchPod(namespace, name).message || message === `there is no namespace ${namespace}`;
  const asked = [{ namespace: target.namespace, name: target.pod }, ...(from?.kind === 'pod' ? [from] : [])].find(
    isPod,
  );
  if (!asked) {
    if (from?.kind !== 'node') return [];
    const nodes = await cluster.list({ apiVersion: 'v1', kind: 'Node', limit: listed });
    return nodes.ok
      ? nearestOf(
          from.name,
          nodes.value.map(({ metadata }) => metadata.name),
          shown,
        ).map((name) => `node:${name}`)
      : [];
  }
  const { namespace, name } = asked;
  const isNamespace = message === `there is no namespace ${namespace}`;
  const query = { apiVersion: 'v1', kind: 'Pod', limit: listed };
  const pods = await cluster.list<Pod>(isNamespace ? query : { ...query, namespace });
  if (!pods.ok) return [];
  const names = pods.value.map(({ metadata }) => `${metadata.namespace ?? namespace}/${metadata.name}`);
  return nearestOf(`${namespace}/${name}`, names, shown);
}
