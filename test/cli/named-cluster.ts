import { createServer } from 'node:http';
import { listen } from '../support/listening.ts';

const addresses = (address: string) => ({ status: { addresses: [{ type: 'InternalIP', address }] } });
/** Nodes of one address, as the API server has them. */
export const nodesAt = (address: string, ...names: readonly string[]): readonly object[] =>
  names.map((name) => ({ metadata: { name, labels: { 'kubernetes.io/hostname': name } }, ...addresses(address) }));
const usualNodes: readonly object[] = [
  { metadata: { name: 'worker-1.example' }, ...addresses('192.0.2.11') },
  { metadata: { name: 'worker-2' }, ...addresses('192.0.2.12') },
  { metadata: { name: 'without-address' }, status: {} },
  { metadata: { name: 'x; reboot' }, ...addresses('192.0.2.13') },
  { metadata: { name: 'strange' }, ...addresses('192.0.2.14; reboot') },
];

/** An API server that knows nodes and the names of namespaces: what `init` looks at. */
export interface NamedCluster {
  /** The text of a kubeconfig that leads to it. */
  readonly kubeconfig: string;
  stop(): void;
}

/** @param namespaces those that it has when it is asked, as `nodes` */
export async function startNamedCluster(
  namespaces: () => readonly string[],
  nodes: () => readonly object[] = () => usualNodes,
): Promise<NamedCluster> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? '';
    const name = /^\/api\/v1\/namespaces\/([\w-]+)$/.exec(path)?.[1];
    const isThere = name !== undefined && namespaces().includes(name);
    const found = path === '/api/v1/nodes' ? { items: nodes() } : isThere ? { metadata: { name } } : null;
    response.writeHead(found ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(found ?? { kind: 'Status', reason: 'NotFound' }));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  const kubeconfig = JSON.stringify({
    clusters: [{ name: 'c', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  return { kubeconfig, stop: () => void server.close() };
}
