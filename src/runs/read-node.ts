import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import { defaultCalicoNamespaces } from '../model/calico-components.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { ProgramError } from '../errors.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import type { NodeReport } from '../model/node-report.ts';
import { nodeNamed } from './known-names.ts';

const nodeReads: readonly ApiRead[] = [
  { verb: 'get', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
  { verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' },
  { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' },
];

/**
 * Reads what the API server knows of a node: nothing is run there.
 * @throws ProgramError `unknown-node`
 */
export async function readNode({ cluster, calicoNamespaces }: ClusterAccess, name: string): Promise<NodeReport> {
  const reader = declaredReader(cluster, nodeReads, [], 'read-node');
  const [node, pods] = await Promise.all([
    reader.read<KubernetesNode>({ apiVersion: 'v1', kind: 'Node', name }),
    reader.list<Pod>({ apiVersion: 'v1', kind: 'Pod', fieldSelector: `spec.nodeName=${name}`, limit: 500 }),
  ]);
  if (!node.ok && node.status === 404) {
    const named = await nodeNamed(reader, name);
    const message = named.state === 'unknown' ? named.part.message : `there is no node ${name}`;
    throw new ProgramError('unknown-node', message);
  }
  const namespaces = calicoNamespaces ?? defaultCalicoNamespaces;
  const isCalico = ({ metadata }: Pod) =>
    namespaces.includes(metadata.namespace ?? '') && /calico|canal|typha/.test(metadata.name);
  return {
    node: name,
    ready: node.ok ? readyOf(node.value) : 'unknown',
    addresses: node.ok ? (node.value.status?.addresses ?? []).map(({ type, address }) => `${type} ${address}`) : [],
    pods: pods.ok ? pods.value.length : null,
    calico: pods.ok ? pods.value.filter(isCalico).map(podState) : [],
    unread: [node, pods].flatMap((answer) => (answer.ok ? [] : [answer.reason])),
  };
}

function readyOf({ status }: KubernetesNode): NodeReport['ready'] {
  const said = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  return said === 'True' ? 'yes' : said === 'False' ? 'no' : 'unknown';
}

function podState({ metadata, status }: Pod): NodeReport['calico'][number] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? null;
  return {
    name: `${metadata.namespace ?? ''}/${metadata.name}`,
    phase: status?.phase ?? 'unknown',
    ready: ready === 'True',
  };
}
