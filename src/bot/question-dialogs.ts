/** The dialogs for questions about the cluster, and what they ask a worker. */
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import { parseNodeName, parsePodName } from '../model/target-grammar.ts';
import type { ScreenView } from '../model/thread.ts';
import { askWorker, type AskWorkerDeps } from './ask-worker.ts';
import type { Question } from '../model/job-catalogue.ts';
import { dialogPlace, openClusters, readFlow, fieldProblem, type FieldProblems, type Typed } from './dialogs.ts';
import type { Filled } from './render/diagnose-view.ts';
import { words, type Rich } from './render/rich.ts';
import { nodeView, policyView } from './render/question-views.ts';

/** @param filled what was typed @param channel where the answer goes */
export function questionDialog(
  { clusters }: { readonly clusters: KnownClusters },
  about: 'policy' | 'node',
  { channel, filled = {} }: { readonly channel: string; readonly filled?: Filled },
): ScreenView {
  const open = openClusters(clusters, channel);
  return about === 'policy'
    ? policyView({ ...filled, clusters: open }, JSON.stringify({ channel, onlyPods: true }))
    : nodeView(open, JSON.stringify({ channel }));
}

type Told = { readonly problems: FieldProblems } | { readonly said: Rich | null };

/** @returns what is wrong, by field, or what to tell the person alone; null: it was told before */
export async function submitQuestion(
  deps: AskWorkerDeps & { readonly clusters: KnownClusters },
  about: 'policy' | 'node',
  {
    user,
    typed,
    place,
    isFirst,
  }: {
    readonly user: string;
    readonly typed: Typed;
    /** As the dialog carries it. */
    readonly place: string;
    readonly isFirst: () => Promise<boolean>;
  },
): Promise<Told> {
  const { channel } = dialogPlace(place);
  const asked =
    about === 'policy' ? askedPolicies(deps.clusters, typed, channel) : askedNode(deps.clusters, typed, channel);
  if ('problems' in asked) return asked;
  if (!(await isFirst())) return { said: null };
  const answer = await askWorker(deps, asked.about, { user, channel, thread: null });
  if (answer.isAsked) return { said: answer.said };
  return { problems: { [about === 'node' ? 'node' : 'pod']: words(answer.said).trim() } };
}

type Asked = { readonly problems: FieldProblems } | { readonly about: Question['about'] };

function askedPolicies(clusters: KnownClusters, typed: Typed, channel: string): Asked {
  const read = readFlow(clusters, typed, { channel, parseName: parsePodName });
  return read.ok ? { about: { what: 'policies', target: read.target } } : { problems: read.problems };
}

function askedNode(clusters: KnownClusters, typed: Typed, channel: string): Asked {
  const node = parseNodeName((typed.node ?? '').trim());
  if (!node.ok) return { problems: { node: fieldProblem(node.problem) } };
  const cluster = whichCluster(clusters, { named: typed.cluster ?? null, channel });
  return cluster.ok
    ? { about: { what: 'node', cluster: cluster.value.name, node: node.value } }
    : { problems: { cluster: fieldProblem(cluster.problem) } };
}
