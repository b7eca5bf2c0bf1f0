import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { OpenCluster } from '../model/cluster-access.ts';
import type { KubernetesObject, Pod } from '../model/kubernetes.ts';
import { nearestOf } from '../model/nearest.ts';
import type { ClusterReader } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { answeredSoon, checkTarget, type UnknownOfTarget } from './preflight.ts';

/** To find names that are near the asked one. */
const nearReads: readonly ApiRead[] = [
  { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' },
  { verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
];

/** Something that a target names and the API server does not know. */
export interface MissingTarget {
  readonly message: string;
  /** Which name it is: the pod's own, or the source's. */
  readonly part: 'pod' | 'from';
  /** What may have been meant, as it is written in a command: `NAMESPACE/POD` or `node:NAME`. */
  readonly near: readonly string[];
}

const listed = 500;
const shown = 3;

/** Asks before a run begins, so that a typing error is no thread. Null: all is there, or nobody could say in time. */
export async function missingTarget(open: OpenCluster, target: Target): Promise<MissingTarget | null> {
  const access = await open(target.cluster);
  try {
    const cluster = access.cluster;
    const asking = checkTarget(cluster, target);
    asking.catch(() => undefined);
    const unknown = await answeredSoon(asking, target);
    if (!('message' in unknown)) return null;
    const meant = await near(cluster, target, unknown);
    // The names are told as commands.
    const message = meant.length > 0 ? unknown.missing : unknown.message;
    return { message, part: unknown.of === 'target' ? 'pod' : 'from', near: meant };
  } finally {
    await access.close();
  }
}

interface AskedPod {
  readonly namespace: string;
  readonly name: string;
}

/** What may have been meant; nothing where the API server does not list what there is. */
async function near(
  reader: ClusterReader,
  { namespace, pod, kind, from }: Target,
  { code, of }: UnknownOfTarget,
): Promise<readonly string[]> {
  const cluster = declaredReader(reader, nearReads, [], 'missing-target');
  if (of === 'from' && from?.kind === 'node') {
    const nodes = await cluster.list({ apiVersion: 'v1', kind: 'Node', limit: listed });
    return nodes.ok ? nearestOf(from.name, nodes.value.map(nameOf), shown).map((name) => `node:${name}`) : [];
  }
  const asked: AskedPod | null =
    of === 'target' ? { namespace, name: pod } : of === 'from' && from?.kind === 'pod' ? from : null;
  // The name of a Service or a workload is not near the name of a pod.
  const isOfPod = of === 'from' || kind === undefined || code === 'unknown-namespace';
  if (!asked || !isOfPod) return [];
  const query = { apiVersion: 'v1', kind: 'Pod', limit: listed };
  const pods = await cluster.list<Pod>(code === 'unknown-namespace' ? query : { ...query, namespace: asked.namespace });
  if (!pods.ok) return [];
  const names = pods.value.map((one) => `${one.metadata.namespace ?? asked.namespace}/${nameOf(one)}`);
  return nearestOf(`${asked.namespace}/${asked.name}`, names, shown);
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata.name;
}
