/** Asks a worker something about the cluster, for one person. */
import { createHash } from 'node:crypto';
import type { Question } from '../model/job-catalogue.ts';
import type { KnownClusters } from '../model/known-clusters.ts';
import type { RunSurface } from '../runs/surface.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { bold, nothing, rich, type Rich } from './render/rich.ts';

export interface AskWorkerDeps extends PersonLimitDeps {
  readonly clusters: KnownClusters;
  readonly runs: Pick<RunSurface, 'ask'>;
  readonly clock: { now(): Date };
}

/** @returns what to tell the person: that it is read, or that it is one question too many */
export async function askWorker(
  deps: AskWorkerDeps,
  about: Question['about'],
  { user, channel, thread }: Pick<Question, 'user' | 'channel' | 'thread'>,
): Promise<{ readonly isAsked: boolean; readonly said: Rich }> {
  const refused = await refusedByLimit(deps, user);
  if (refused !== null) return { isAsked: false, said: refused };
  const at = deps.clock.now().getTime();
  const id = createHash('sha256')
    .update(JSON.stringify([about, user, at]))
    .digest('hex')
    .slice(0, 24);
  await deps.runs.ask({ id, about, user, channel, thread });
  return { isAsked: true, said: readingWords(deps.clusters, about) };
}

/** Says what is read. */
export function readingWords(clusters: KnownClusters, about: Question['about']): Rich {
  const { what, cluster } =
    about.what === 'node'
      ? { what: about.node, cluster: about.cluster }
      : { what: `${about.target.namespace}/${about.target.pod}`, cluster: about.target.cluster };
  return rich`Reading ${bold(what)}${whereOf(clusters, cluster)}. Only you see the answer, in this channel.`;
}

/** Nothing where there is one cluster only. */
export function whereOf(clusters: KnownClusters, cluster: string): Rich {
  return clusters.length > 1 ? rich` in ${bold(cluster)}` : nothing;
}
