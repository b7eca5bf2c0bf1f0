/** The dialog that asks for what a diagnosis lacks. */
import { z } from 'zod';
import {
  describeGoal,
  describeTarget,
  flowOf,
  parseGoal,
  parseTarget,
  type AskedFlow,
  type TargetName,
} from '../model/asked-flow.ts';
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import {
  describePort,
  describeSource,
  parsePort,
  parseSource,
  parseWait,
  type Parsed,
} from '../model/target-grammar.ts';
import type { Target } from '../model/target.ts';
import type { ScreenView } from '../model/thread.ts';
import type { RunSurface } from '../runs/surface.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { diagnoseView, type DialogFields, type Filled } from './render/diagnose-view.ts';
import { words } from './render/rich.ts';
import { sentence } from '../model/words.ts';

export interface DialogDeps extends PersonLimitDeps {
  readonly clusters: KnownClusters;
  readonly runs: Pick<RunSurface, 'start'>;
}

const metadata = z.object({
  channel: z.string().regex(/^[CDG][A-Z0-9]{4,}$/),
  /** No Services are offered: they have no policies of their own. */
  onlyPods: z.boolean().default(false),
});

/** Returns where the answer to a dialog goes. @throws where the dialog does not carry it */
export function dialogPlace(carried: string): z.infer<typeof metadata> {
  return metadata.parse(JSON.parse(carried));
}

/** @param filled what is known already, or was typed @param channel where the answer goes */
export function diagnoseDialog(
  { clusters }: Pick<DialogDeps, 'clusters'>,
  channel: string,
  filled: Filled = {},
): ScreenView {
  return diagnoseView({ ...filled, clusters: openClusters(clusters, channel) }, JSON.stringify({ channel }));
}

/** Returns the names to choose from: none where the channel says the cluster. */
export function openClusters(clusters: KnownClusters, channel: string): readonly string[] {
  return whichCluster(clusters, { named: null, channel }).ok ? [] : clusters.map(({ name }) => name);
}

/** What a person typed and chose, by field; empty: nothing. */
export type Typed = Readonly<Partial<Record<DialogFields, string>>>;

/** What is wrong, by field. */
export type FieldProblems = Readonly<Partial<Record<DialogFields, string>>>;

interface Submitted {
  readonly user: string;
  readonly typed: Typed;
  /** As the dialog carries it. */
  readonly place: string;
  readonly isFirst: () => Promise<boolean>;
}

/** @returns what is wrong, by field; null: the diagnosis was asked for */
export async function submitDiagnosis(
  deps: DialogDeps,
  { user, typed, place, isFirst }: Submitted,
): Promise<FieldProblems | null> {
  const { channel } = dialogPlace(place);
  const read = readFlow(deps.clusters, typed, { channel, parseName: parseTarget });
  if (!read.ok) return read.problems;
  if (!(await isFirst())) return null;
  const refused = await refusedByLimit(deps, user);
  if (refused !== null) return { pod: words(refused).trim() };
  const { target } = read;
  await deps.runs.start({ target, requester: user, origin: { kind: 'command', channel, thread: null, joins: null } });
  return null;
}

/** Reads what the fields of a dialog say of a flow. */
export function readFlow(
  clusters: KnownClusters,
  typed: Typed,
  { channel, parseName }: { readonly channel: string; readonly parseName: (text: string) => Parsed<TargetName> },
): { readonly ok: true; readonly target: Target } | { readonly ok: false; readonly problems: FieldProblems } {
  const wrong = (problems: FieldProblems) => ({ ok: false, problems }) as const;
  const choice = choiceOf(typed.chosen ?? '');
  const named = (typed.pod ?? '').trim();
  const pod = parseName(named === '' ? choice.target : named);
  const from = optional(typed.from, parseSource);
  const to = optional(typed.to, parseGoal);
  const port = optional(typed.port, parsePort);
  const wait = optional(typed.wait, parseWait);
  const ofChoice = named === '' ? choice.cluster : null;
  const cluster = whichCluster(clusters, { named: typed.cluster ?? ofChoice, channel });
  if (!pod.ok)
    return wrong({
      pod: fieldProblem(named === '' && choice.target === '' ? 'Name a pod, or choose one' : pod.problem),
    });
  if (!from.ok) return wrong({ from: fieldProblem(from.problem) });
  if (!to.ok) return wrong({ to: fieldProblem(to.problem) });
  if (!port.ok) return wrong({ port: fieldProblem(port.problem) });
  if (!wait.ok) return wrong({ wait: fieldProblem(wait.problem) });
  const ends = { from: from.value, to: to.value, port: port.value };
  const unwaited = flowOf(pod.value, ends);
  if (!unwaited.ok) return wrong({ [to.value === null ? 'port' : 'to']: fieldProblem(unwaited.problem) });
  const flow = flowOf(pod.value, { ...ends, wait: wait.value });
  if (!flow.ok) return wrong({ wait: fieldProblem(flow.problem) });
  if (!cluster.ok) return wrong({ cluster: fieldProblem(cluster.problem) });
  if (ofChoice !== null && ofChoice !== cluster.value.name)
    return wrong({ cluster: fieldProblem(`the chosen pod is in the cluster ${ofChoice}`) });
  return { ok: true, target: { cluster: cluster.value.name, ...flow.value } };
}

/** An offered target, with its cluster where the dialog leaves that open. */
function choiceOf(chosen: string): { readonly cluster: string | null; readonly target: string } {
  const [first = '', second] = chosen.split(' ');
  return second === undefined ? { cluster: null, target: first } : { cluster: first, target: second };
}

function optional<T>(typed: string | undefined, parse: (text: string) => Parsed<T>): Parsed<T | null> {
  const text = (typed ?? '').trim();
  return text === '' ? { ok: true, value: null } : parse(text);
}

/** Returns a problem as Slack shows it below a field. */
export function fieldProblem(problem: string): string {
  return sentence(problem).slice(0, 300);
}

/** Returns a flow as the fields of the dialog have it. */
export function filledWith(flow: AskedFlow): Filled {
  const { from, to, port } = flow;
  return {
    pod: describeTarget(flow),
    ...(from ? { from: describeSource(from) } : {}),
    ...(to ? { to: describeGoal(to) } : {}),
    ...(port ? { port: describePort(port) } : {}),
  };
}
