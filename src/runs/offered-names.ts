import { declaredReader } from '../model/api-reads.ts';
import type { OpenCluster } from '../model/cluster-access.ts';
import { namesJob } from '../model/job-catalogue.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { KubernetesObject } from '../model/kubernetes.ts';
import {
  freshMs,
  keptSeconds,
  mostRead,
  offeredKey,
  readOffered,
  type OfferedNames,
  type WantedNames,
} from '../model/offered-names.ts';
import type { ClusterReader, Clock } from '../model/ports.ts';
import type { RunStore } from '../model/runs.ts';
import { preflightReads } from './preflight.ts';

/**
 * Reads names in a worker and leaves them in the store. What the API server refuses leaves fewer names, or none; where
 * it does not answer, older names stay.
 */
export async function leaveNames(
  { open, store, clock }: { readonly open: OpenCluster; readonly store: RunStore; readonly clock: Clock },
  wanted: WantedNames,
): Promise<void> {
  const access = await open(wanted.cluster);
  try {
    const cluster = declaredReader(access.cluster, preflightReads, [], 'offered-names');
    const { names, isWhole } =
      wanted.namespace === null ? await namespaces(cluster) : await targets(cluster, wanted.namespace);
    if (!isWhole && readOffered(await store.recall(offeredKey(wanted)))) return;
    const told: OfferedNames = { at: clock.now().getTime(), names };
    await store.remember(offeredKey(wanted), JSON.stringify(told), keptSeconds);
  } finally {
    await access.close();
  }
}

type Collection = Parameters<ClusterReader['list']>[0];

interface Listed {
  readonly items: readonly KubernetesObject[];
  /** Whether the API server said anything at all. */
  readonly isAnswered: boolean;
}

interface ReadNames {
  readonly names: readonly string[];
  readonly isWhole: boolean;
}

async function objects(cluster: ClusterReader, where: Collection): Promise<Listed> {
  const answer = await cluster.list<KubernetesObject>({ ...where, limit: mostRead });
  return answer.ok ? { items: answer.value, isAnswered: true } : { items: [], isAnswered: answer.status !== null };
}

async function namespaces(cluster: ClusterReader): Promise<ReadNames> {
  const { items, isAnswered } = await objects(cluster, { apiVersion: 'v1', kind: 'Namespace' });
  return { names: sorted(items.map(({ metadata }) => metadata.name)), isWhole: isAnswered };
}

/** Services by their EndpointSlices: the account may not list Services, and one without endpoints has a slice too. */
async function targets(cluster: ClusterReader, namespace: string): Promise<ReadNames> {
  const [pods, slices] = await Promise.all([
    objects(cluster, { apiVersion: 'v1', kind: 'Pod', namespace }),
    objects(cluster, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace }),
  ]);
  const services = slices.items.flatMap(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] ?? []);
  return {
    names: [
      ...sorted(pods.items.map(({ metadata }) => `${namespace}/${metadata.name}`)),
      ...sorted(services.map((name) => `svc:${namespace}/${name}`)),
    ],
    isWhole: pods.isAnswered && slices.isAnswered,
  };
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].filter((name) => name.length <= 400).toSorted();
}

export interface OfferDeps {
  readonly store: Pick<RunStore, 'recall'>;
  readonly clock: Clock;
  readonly queues: Pick<JobQueues, 'add'>;
}

const lookEveryMs = 50;

/**
 * Returns the names that the store has; asks a worker where they are old, and waits for it.
 * @param signal ends the wait: then older names are returned, or none
 */
export async function offeredNames(
  { store, clock, queues }: OfferDeps,
  wanted: WantedNames,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const look = async () => readOffered(await store.recall(offeredKey(wanted)));
  const since = clock.now().getTime() - freshMs;
  const known = await look();
  if (known && known.at > since) return known.names;
  await queues.add(namesJob(wanted, clock.now()));
  while (!signal.aborted) {
    const found = await look();
    if (found && found.at > since) return found.names;
    await clock.sleep(lookEveryMs, signal).catch(() => undefined);
  }
  return known?.names ?? [];
}
