/** What may stand for the value of an option or for an argument. */
import { createCluster } from '../../adapters/kubernetes.ts';
import { createRunStore } from '../../adapters/run-store.ts';
import { inspectConfig } from '../../config.ts';
import { declaredReader } from '../../model/api-reads.ts';
import type { KubernetesNode, Pod } from '../../model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../model/ports.ts';
import { rules } from '../../rules/registry.ts';
import type { Surroundings } from '../output.ts';
import { shells } from './shells.ts';

type Environment = Surroundings['environment'];
type Given = Readonly<Record<string, string>>;

/** A person waits for it with a finger on the key; an API server behind a VPN takes a second or two. */
const askMs = 3000;
const mostPods = 500;

/** @param current the word as far as it is typed */
export async function optionValues(
  flag: string,
  current: string,
  given: Given,
  environment: Environment,
): Promise<readonly string[]> {
  if (flag === '--from') return sources(current, given, environment);
  if (flag === '--to') return goals(current, given, environment);
  if (flag === '--expect') return rules.map(({ id }) => id);
  if (flag === '--family') return ['ipv4', 'ipv6'];
  if (flag === '--port') return ['8080/tcp', '53/udp', 'icmp'];
  if (flag === '--namespace') return namespacesOf(await pods(given, environment));
  return [];
}

/** @param path the words of the command */
export async function argumentValues(
  path: string,
  current: string,
  given: Given,
  environment: Environment,
): Promise<readonly string[]> {
  if (path === 'explain') return rules.map(({ id }) => id);
  if (path === 'completion') return shells;
  if (path === 'diagnose' || path === 'policy') return podNames(current, given, environment);
  if (path.startsWith('fix ')) return plans(environment);
  return [];
}

async function podNames(current: string, given: Given, environment: Environment): Promise<readonly string[]> {
  const found = await pods(given, environment);
  const { namespace } = given;
  if (namespace !== undefined)
    return found.filter(({ metadata }) => metadata.namespace === namespace).map(({ metadata }) => metadata.name);
  return current.includes('/')
    ? found.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    : namespacesOf(found).map((name) => `${name}/`);
}

async function sources(current: string, given: Given, environment: Environment): Promise<readonly string[]> {
  const [, kind, rest = ''] = /^(pod|node):(.*)$/.exec(current) ?? [];
  if (kind === 'pod') return (await podNames(rest, {}, environment)).map((name) => `pod:${name}`);
  if (kind === 'node') return (await nodes(given, environment)).map((name) => `node:${name}`);
  return ['pod:', 'node:', 'outside:'];
}

async function goals(current: string, given: Given, environment: Environment): Promise<readonly string[]> {
  const known = await sources(current, given, environment);
  return /^(?:pod|node):/.test(current) ? known : [...known, 'svc:', 'api', 'dns'];
}

const namespacesOf = (found: readonly Pod[]) =>
  [...new Set(found.flatMap(({ metadata }) => metadata.namespace ?? []))].toSorted();

const pods = (given: Given, environment: Environment) =>
  listed(given, environment, (reader) => reader.list<Pod>({ apiVersion: 'v1', kind: 'Pod', limit: mostPods }));

const nodes = async (given: Given, environment: Environment) =>
  (await listed(given, environment, (reader) => reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' }))).map(
    ({ metadata }) => metadata.name,
  );

async function listed<T>(
  given: Given,
  environment: Environment,
  ask: (reader: ClusterReader) => Promise<ApiAnswer<readonly T[]>>,
): Promise<readonly T[]> {
  const { config } = inspectConfig(environment, []);
  const cluster = createCluster({
    kubeconfig: given['kubeconfig'] ?? config.KUBECONFIG ?? null,
    context: given['context'] ?? (given['kubeconfig'] === undefined ? config.KUBE_CONTEXT : null) ?? null,
    timeoutMs: askMs,
  });
  try {
    const reads = ['Pod', 'Node'].map((kind) => ({ verb: 'list', apiVersion: 'v1', kind, where: 'cluster' }) as const);
    const answer = await ask(declaredReader(cluster.reader, reads, [], 'completion'));
    return answer.ok ? answer.value : [];
  } finally {
    await cluster.close();
  }
}

/** Without a Redis of its own: none is started for a key that is pressed. */
async function plans(environment: Environment): Promise<readonly string[]> {
  const { REDIS_URL: address } = inspectConfig(environment, []).config;
  if (address === undefined) return [];
  const store = createRunStore({ address, onError: () => undefined, answerMs: askMs });
  try {
    return (await store.plans()).map(({ plan }) => plan.id);
  } finally {
    await store.close();
  }
}
