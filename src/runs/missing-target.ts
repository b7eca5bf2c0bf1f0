import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { OpenCluster } from '../model/cluster-access.ts';
import type { KubernetesObject, Pod } from '../model/kubernetes.ts';
import { nearestOf } from '../model/nearest.ts';
import type { ClusterReader } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import { noSuchPod } from './known-names.ts';
import { answeredSoon, checkTarget } from './preflight.ts';

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
    // The names are told as commands.
    const [message = ''] = unknown.message.split(': did you mean ');
    const isOwn = isAbout(message, { namespace: target.namespace, name: target.pod });
    const meant = await near(cluster, target, message, isOwn);
    return { message: meant.length > 0 ? message : unknown.message, part: isOwn ? 'pod' : 'from', near: meant };
  } finally {
    await access.close();
  }
}

interface AskedPod {
  readonly namespace: string;
  readonly name: string;
}

function isAbout(message: string, { namespace, name }: AskedPod): boolean {
  return message.startsWith(noSuchPod(namespace, name).message) || message === noNamespace(namespace);
}

function noNamespace(namespace: string): string {
  return `there is no namespace ${namespace}`;
}

/** What may have been meant; nothing where the API server does not list what there is. */
async function near(
  reader: ClusterReader,
  { namespace, pod, from }: Target,
  message: string,
  isOwn: boolean,
): Promise<readonly string[]> {
  const cluster = declaredReader(reader, nearReads, [], 'missing-target');
  if (!isOwn && from?.kind === 'node') {
    const nodes = await cluster.list({ apiVersion: 'v1', kind: 'Node', limit: listed });
    return nodes.ok ? nearestOf(from.name, nodes.value.map(nameOf), shown).map((name) => `node:${name}`) : [];
  }
  const asked: AskedPod | null = isOwn ? { namespace, name: pod } : from?.kind === 'pod' ? from : null;
  if (!asked) return [];
  const query = { apiVersion: 'v1', kind: 'Pod', limit: listed };
  const isNamespace = message === noNamespace(asked.namespace);
  const pods = await cluster.list<Pod>(isNamespace ? query : { ...query, namespace: asked.namespace });
  if (!pods.ok) return [];
  const names = pods.value.map((one) => `${one.metadata.namespace ?? asked.namespace}/${nameOf(one)}`);
  return nearestOf(`${asked.namespace}/${asked.name}`, names, shown);
}

function nameOf({ metadata }: KubernetesObject): string {
  return metadata.name;
}
