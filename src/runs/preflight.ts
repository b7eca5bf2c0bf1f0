/** Whether what a target names is there at all, asked before anything is run. */
import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import type { ClusterReader } from '../model/ports.ts';
import type { Target } from '../model/target.ts';
import {
  nodeNamed,
  podNamed,
  podAtAddress,
  podsLabelled,
  serviceNamed,
  workloadNamed,
  type Named,
  type UnknownPart,
} from './known-names.ts';

const inCluster = (verb: 'get' | 'list', apiVersion: string, kind: string): ApiRead => ({
  verb,
  apiVersion,
  kind,
  where: 'cluster',
});

export const preflightReads: readonly ApiRead[] = [
  inCluster('get', 'v1', 'Namespace'),
  // For the names that a dialog offers.
  inCluster('list', 'v1', 'Namespace'),
  inCluster('get', 'v1', 'Service'),
  inCluster('list', 'discovery.k8s.io/v1', 'EndpointSlice'),
  ...['Pod', 'Node'].flatMap((kind) => [inCluster('get', 'v1', kind), inCluster('list', 'v1', kind)]),
];

/**
 * `there`: the API server knows all of it; names of pods are whole in `target`. `not-answered`: it could not be asked
 * for a part, and a diagnosis goes on with what can be known.
 */
export interface CheckedTarget {
  readonly code: 'there' | 'not-answered';
  readonly target: Target;
}

/** What is not there, and which part of the target names it. */
export interface UnknownOfTarget extends UnknownPart {
  readonly of: 'target' | 'from' | 'to';
}

/** How long a diagnosis waits for the answer before it goes on beside the question. */
const patienceMs = 1000;

/** Resolves to the answer; to `not-answered` where the API server takes longer than a moment. */
export async function answeredSoon(
  asking: Promise<CheckedTarget | UnknownOfTarget>,
  target: Target,
): Promise<CheckedTarget | UnknownOfTarget> {
  const late = Promise.withResolvers<CheckedTarget>();
  const timer = setTimeout(() => late.resolve({ code: 'not-answered', target }), patienceMs);
  try {
    return await Promise.race([asking, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves to the first part of a target that the API server says does not exist, else to the target. */
export async function checkTarget(reader: ClusterReader, target: Target): Promise<CheckedTarget | UnknownOfTarget> {
  const cluster = declaredReader(reader, preflightReads, [], 'preflight');
  const { from, to } = target;
  const [named, source, other] = await Promise.all([
    namedTarget(cluster, target),
    from?.kind === 'pod'
      ? podNamed(cluster, from.namespace, from.name)
      : from?.kind === 'node'
        ? nodeNamed(cluster, from.name)
        : there,
    to?.kind === 'node' ? nodeNamed(cluster, to.name) : there,
  ]);
  const answers = { target: named, from: source, to: other } as const;
  for (const part of ['target', 'from', 'to'] as const) {
    const answer = answers[part];
    if (answer.state === 'unknown') return { ...answer.part, of: part };
  }
  return {
    code: Object.values(answers).some(({ state }) => state === 'not-answered') ? 'not-answered' : 'there',
    target: {
      ...target,
      ...(named.state === 'there' && named.name !== null ? { pod: named.name } : {}),
      ...(from?.kind === 'pod' && source.state === 'there' && source.name !== null
        ? { from: { ...from, name: source.name } }
        : {}),
    },
  };
}

const there: Named = { state: 'there', name: null };

function namedTarget(cluster: ClusterReader, { namespace, pod, kind }: Target): Promise<Named> {
  if (kind === undefined) return podNamed(cluster, namespace, pod);
  if (kind === 'service') return serviceNamed(cluster, namespace, pod);
  if (kind === 'address') return podAtAddress(cluster, namespace, pod);
  return kind === 'selector' ? podsLabelled(cluster, namespace, pod) : workloadNamed(cluster, kind, namespace, pod);
}
