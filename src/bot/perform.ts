/** Does what a person asked for in words, in whichever way they asked. */
import { describeTarget } from '../model/asked-flow.ts';
import type { Explained } from '../model/explained.ts';
import { whichCluster, type KnownClusters } from '../model/known-clusters.ts';
import type { JobQueues } from '../model/jobs.ts';
import type { Permission } from '../model/approval.ts';
import type { Seals } from '../model/seal.ts';
import type { MessageContent, Screens, SharedFile } from '../model/thread.ts';
import { capital } from '../model/words.ts';
import type { AskedTurn, PlanSurface } from '../plans/surface.ts';
import { askWorker, readingWords, whereOf } from './ask-worker.ts';
import { forCluster, mayApprove } from './authorise.ts';
import { cancelFor, type CancelDeps } from './cancel.ts';
import type { Command } from './command-grammar.ts';
import { diagnoseDialog } from './dialogs.ts';
import { withGenuinePlans } from './genuine-plans.ts';
import { createMessageBook } from './message-book.ts';
import { questionDialog } from './question-dialogs.ts';
import { refusedByLimit, type PersonLimitDeps } from './person-limit.ts';
import { answerText, askWords, helpMessage, unclearText } from './render/answers.ts';
import { explainMessage } from './render/explain-message.ts';
import { fixesMessage, noneToCancel, runsMessage, statusMessage, waits } from './render/listings.ts';
import { reportText } from './render/report.ts';
import { bold, clip, clockTime, codeWords, person, rich, wordsWithPeople, type Rich } from './render/rich.ts';
import { placeOf } from './run-place.ts';
import { readStatus } from './status.ts';
import { threadLinks, type LinkDeps } from './thread-links.ts';

export interface PerformDeps extends CancelDeps, LinkDeps, PersonLimitDeps {
  readonly clusters: KnownClusters;
  readonly plans: PlanSurface;
  readonly screens: Screens;
  /** Shares a file in a thread. */
  readonly send: (file: SharedFile) => Promise<void>;
  readonly queues: Pick<JobQueues, 'counts'>;
  /** Of this program. */
  readonly version: string;
  readonly explain: (rule: string) => Promise<Explained>;
  readonly clock: { now(): Date };
  readonly seals: Seals;
}

/** Who asks, and where. */
export interface Asker {
  /** How commands are written there, for examples. */
  readonly command: string;
  readonly user: string;
  readonly channel: string;
  /** ts of the parent of the thread in which the person asks; null: in the channel. */
  readonly thread: string | null;
  /** Opens a dialog; null: this way of asking cannot. */
  readonly trigger: string | null;
  /** True for the first delivery of what was asked. */
  readonly isFirst: () => Promise<boolean>;
  /** When it was asked first. */
  readonly asked: () => Promise<AskedTurn>;
}

/** @returns what to tell the person alone, or null where a dialog or the thread says it */
export async function perform(deps: PerformDeps, parsed: Command, asker: Asker): Promise<MessageContent | null> {
  const { command } = asker;
  switch (parsed.verb) {
    case 'help':
      return helpMessage(command);
    case 'unclear':
      return answerText(unclearText(command, parsed));
    case 'diagnose':
      return answerText(await diagnose(deps, parsed, asker));
    case 'ask':
      return askFor(deps, parsed, asker);
    case 'cancel':
      return answerText(await cancel(deps, parsed.run, asker));
    case 'policy':
    case 'node':
      return answerText(await question(deps, parsed, asker));
    case 'status':
      return statusMessage(await readStatus(deps));
    case 'runs':
      return runs(deps);
    case 'fixes':
      return parsed.turn === null ? fixes(deps) : answerText(await turnFixes(deps, parsed.turn, asker));
    case 'explain':
      return explainMessage(parsed.rule, await deps.explain(parsed.rule));
    default:
      return answerText(await report(deps, parsed.run, asker));
  }
}

async function runs(deps: PerformDeps): Promise<MessageContent> {
  const recent = await deps.runs.recent(10);
  return runsMessage(
    recent,
    await threadLinks(
      deps,
      recent.map(({ run }) => run),
    ),
  );
}

async function fixes(deps: PerformDeps): Promise<MessageContent> {
  const [records, off] = [await deps.plans.list(), await deps.plans.off()];
  const now = deps.clock.now();
  const waiting = records.filter((record) => waits(record, now)).slice(0, mostLinked);
  return fixesMessage(
    records,
    off,
    now,
    await threadLinks(
      deps,
      waiting.map(({ plan }) => plan.run),
    ),
  );
}

const mostLinked = 10;

type Asking<V extends Command['verb']> = Extract<Command, { readonly verb: V }>;

async function diagnose(
  deps: PerformDeps,
  { asked, cluster: named }: Asking<'diagnose'>,
  { command, user, channel, thread, isFirst }: Asker,
): Promise<Rich> {
  const cluster = whichCluster(deps.clusters, { named: named ?? null, channel });
  if (!cluster.ok)
    return unclearCluster(cluster.problem, `${command} diagnose ${describeTarget(asked)}`, deps.clusters);
  if (await isFirst()) {
    const refused = await refusedByLimit(deps, user);
    if (refused !== null) return refused;
    const origin = { kind: 'command', channel, thread, joins: null } as const;
    await deps.runs.start({ target: { cluster: cluster.value.name, ...asked }, requester: user, origin });
  }
  const where = whereOf(deps.clusters, cluster.value.name);
  const target = bold(describeTarget(asked));
  return rich`Checking ${target}${where}. The answer appears in this channel. If nothing appears, invite me to it.`;
}

async function askFor(
  deps: PerformDeps,
  { about, filled = {}, problem }: Asking<'ask'>,
  { trigger, channel, command, isFirst }: Asker,
): Promise<MessageContent | null> {
  if (trigger === null) return answerText(problem ? unclearText(command, problem) : askWords(command));
  if (!(await isFirst())) return null;
  const dialog =
    about === 'diagnose' ? diagnoseDialog(deps, channel, filled) : questionDialog(deps, about, { channel, filled });
  await deps.screens.open(trigger, dialog);
  return null;
}

async function cancel(deps: PerformDeps, named: string | null, { command, user, isFirst }: Asker): Promise<Rich> {
  const run = named ?? (await deps.runs.lastOf(user));
  if (run === null) return noneToCancel(await deps.runs.recent(10), command);
  const refused = (await isFirst()) ? await cancelFor(deps, run, user) : null;
  return refused ?? rich`Cancelled ${codeWords(run)}.`;
}

async function question(
  deps: PerformDeps,
  parsed: Asking<'policy' | 'node'>,
  { command, user, channel, thread, isFirst }: Asker,
): Promise<Rich> {
  const what = parsed.verb === 'node' ? parsed.node : `${parsed.asked.namespace}/${parsed.asked.pod}`;
  const found = whichCluster(deps.clusters, { named: parsed.cluster ?? null, channel });
  if (!found.ok) return unclearCluster(found.problem, `${command} ${parsed.verb} ${what}`, deps.clusters);
  const cluster = found.value.name;
  const about =
    parsed.verb === 'node'
      ? ({ what: 'node', cluster, node: parsed.node } as const)
      : ({ what: 'policies', target: { cluster, ...parsed.asked } } as const);
  if (!(await isFirst())) return readingWords(deps.clusters, about);
  return (await askWorker(deps, about, { user, channel, thread })).said;
}

/** @param asked the command as it was typed, without its cluster */
function unclearCluster(problem: string, asked: string, clusters: KnownClusters): Rich {
  const example = clip(`${asked} in ${clusters[0]?.name ?? 'CLUSTER'}`, 200);
  return rich`:grey_question: ${capital(problem)}. Name one: ${codeWords(example)}`;
}

/** The switch is for all clusters: an approver of one may stop all, and only approvers of all start them again. */
async function maySwitch(deps: PerformDeps, turn: 'on' | 'off', user: string): Promise<Permission> {
  const lists = [...(deps.approversOf?.keys() ?? [null])].map((cluster) => forCluster(deps, cluster));
  const asked = await Promise.all(lists.map((own) => mayApprove(own, user)));
  const wanted = asked.find(({ allowed }) => allowed === (turn === 'off')) ?? asked[0];
  return wanted ?? mayApprove(deps, user);
}

async function turnFixes(deps: PerformDeps, turn: 'on' | 'off', { user, asked }: Asker): Promise<Rich> {
  // Before the permission is asked for, which takes its time.
  const when = await asked();
  const permission = await maySwitch(deps, turn, user);
  if (!permission.allowed) return rich`:lock: Fixes stay as they are: ${wordsWithPeople(permission.why)}.`;
  const since = await deps.plans.turn(turn, user, when);
  if (since) {
    const other = turn === 'on' ? rich`:no_entry: Fixes stay off` : rich`:large_green_circle: Fixes stay on`;
    return rich`${other}: ${person(since.by)} turned them ${opposite[turn]} at ${clockTime(since.at)}. Ask again.`;
  }
  return turn === 'off'
    ? rich`:no_entry: Fixes are off: nothing is applied. Roll back works. ${codeWords('fixes on')} ends it.`
    : rich`:large_green_circle: Fixes are on: an approval applies a fix again.`;
}

const opposite = { on: 'off', off: 'on' } as const;

/** The draft goes to the thread that it is about, where the people of the incident are. */
async function report(deps: PerformDeps, named: string | null, { user, isFirst }: Asker): Promise<Rich> {
  const run = named ?? (await deps.runs.lastOf(user));
  if (run === null)
    return rich`You asked for no diagnosis within the last day. Name a run: ${codeWords('report RUN')}.`;
  const events = withGenuinePlans(run, await deps.runs.events(run), deps.seals);
  const link = (await threadLinks(deps, [run])).get(run) ?? null;
  const text = reportText(run, events, link);
  const place = await placeOf(run, events, createMessageBook(deps.store));
  if (text === null || place === null || place.thread === null)
    return rich`I know no thread of a run ${codeWords(run)}. List the runs with ${codeWords('runs')}.`;
  if (await isFirst()) {
    const refused = await refusedByLimit(deps, user);
    if (refused !== null) return refused;
    deps
      .send({
        channel: place.channel,
        thread: place.thread,
        name: `${run}.md`,
        title: `Incident report, draft: ${run}`,
        content: text,
      })
      .catch((error: unknown) => deps.warn(`the report of ${run} could not be shared`, error));
  }
  return rich`The draft of the report comes to the thread of ${codeWords(run)}.`;
}
