/** Lists for one person: how the bot is, the last runs, fixes. */
import type { PlanRecord } from '../../model/fix.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import type { Turned } from '../../plans/surface.ts';
import type { RecentRun } from '../../runs/surface.ts';
import type { BotStatus } from '../status.ts';
import { inCluster } from './names.ts';
import { message, section } from './blocks.ts';
import { planStates } from './plan-words.ts';
import {
  bold,
  clip,
  clipWords,
  clockTime,
  codeWords,
  join,
  nothing,
  person,
  rich,
  threadLink,
  type Rich,
} from './rich.ts';
import { shortVerdict } from './verdict-words.ts';

const silent = bold('No worker answered for a minute.');

export function statusMessage(status: BotStatus): MessageContent {
  return message(status.worker ? 'The bot works' : 'No worker answers', [[...statusBlocks(status)]]);
}

/** Lines about the bot itself, worst first. */
export function statusBlocks(status: BotStatus): readonly MessageBlock[] {
  const { worker, running, waiting, queue, off, approvers, missed } = status;
  const lines = [
    worker
      ? rich`:large_green_circle: Bot, Redis and worker answer (worker at ${clockTime(worker.at)}).`
      : rich`:red_circle: ${silent} Run ${codeWords('calico-chatops serve')}.`,
    ...(off ? [offWords(off)] : []),
    ...(approvers === 0 ? [rich`:warning: Nobody may approve a fix: APPROVERS is empty.`] : []),
    rich`${runningWords(running)}. ${waitingWords(waiting)} for an approval.`,
    rich`${queueWords(queue)} ${versionWords(status)}`,
  ];
  const blind = [
    ...(worker?.blind.map(({ text, next }) => rich`• ${clip(text, 200)}. ${clip(next, 200)}.`) ?? []),
    ...missed
      .slice(0, 4)
      .map(
        ({ text, next }) =>
          rich`• ${clip(text, 200)}${next === null ? nothing : rich`\n${codeWords(clip(next, 200))}`}`,
      ),
  ];
  const sees = blind.length === 0 ? [rich`The last diagnoses missed no check.`] : [bold('What I cannot see'), ...blind];
  return [section(join(lines, rich`\n`)), section(join(sees, rich`\n`))];
}

function offWords({ by, at }: Turned): Rich {
  return rich`:no_entry: Fixes are off since ${clockTime(at)} (${person(by)}).`;
}

function queueWords({ running, waiting }: BotStatus['queue']): string {
  if (running + waiting === 0) return 'The queue is empty.';
  const runs = running === 1 ? 'job runs' : 'jobs run';
  return `Queue: ${running} ${runs}, ${waiting} ${waiting === 1 ? 'waits' : 'wait'}.`;
}

/** Workers of another version are told: during an upgrade, or where one was forgotten. */
function versionWords({ version, worker }: BotStatus): Rich {
  const others = worker?.versions.filter((one) => one !== version) ?? [];
  if (others.length === 0) return rich`Version ${version}.`;
  const told = clip(worker?.versions.join(', ') ?? '', 100);
  return rich`:warning: Versions differ: bot ${version}, worker ${told}. Run one version.`;
}

function runningWords(running: number): string {
  if (running === 0) return 'No diagnosis is running';
  return running === 1 ? '1 diagnosis runs' : `${running} diagnoses run`;
}

function waitingWords(fixes: number): string {
  return `${fixes} ${fixes === 1 ? 'fix waits' : 'fixes wait'}`;
}

/** Addresses of threads, by run. */
export type Links = ReadonlyMap<string, string>;
const noLinks: Links = new Map();

function linked(line: Rich, run: string, links: Links): Rich {
  const link = threadLink(links.get(run));
  return link.empty ? line : rich`${line} · ${link}`;
}

export function runsMessage(runs: readonly RecentRun[], links: Links = noLinks): MessageContent {
  if (runs.length === 0)
    return message('No diagnosis ran within 30 days', [[section(rich`No diagnosis ran within 30 days.`)]]);
  return message(
    'The last diagnoses',
    runs.map((run) => [section(runLine(run, links))]),
  );
}

/** For a person who cancels without a run, and asked for none: those of others and of alerts have an id to copy. */
export function noneToCancel(runs: readonly RecentRun[], command: string): Rich {
  const none = rich`You asked for no diagnosis within the last day`;
  const running = runs.filter(({ end }) => end === null).slice(0, mostRunning);
  if (running.length === 0) return rich`${none}, and no diagnosis runs.`;
  const lines = running.map(
    ({ run, target }) =>
      rich`${codeWords(`${command} cancel ${run}`.trim())}: ${bold(podOf(target))}${inCluster(target)}`,
  );
  return join([rich`${none}. Of others, these run:`, ...lines], rich`\n`);
}

const mostRunning = 5;

function podOf({ namespace, pod }: RecentRun['target']): Rich {
  return clip(`${namespace}/${pod}`, 120);
}

/** When, what became of it, and its id for `report` and `cancel`. */
export function runLine({ run, at, target, end }: RecentRun, links: Links = noLinks): Rich {
  const pod = bold(podOf(target));
  // A verdict says its cluster itself.
  const where = end?.type === 'verdict' ? nothing : inCluster(target);
  return linked(rich`${clockTime(at)} ${endWords(end, pod)}${where} · ${codeWords(run)}`, run, links);
}

function endWords(end: RecentRun['end'], pod: Rich): Rich {
  if (end === null) return rich`:mag: ${pod}: it runs`;
  if (end.type === 'cancelled') return rich`:black_square_for_stop: ${pod}: cancelled`;
  if (end.type === 'failed') return rich`:warning: ${pod}: failed: ${clipWords(end.message, 14)}`;
  return rich`${marks[end.verdict.verdict]} ${clipWords(shortVerdict(end.verdict), 24)}`;
}

const marks = {
  fault: rich`:red_circle:`,
  healthy: rich`:large_green_circle:`,
  inconclusive: rich`:white_circle:`,
} as const;

const mostOthers = 6;

/** Those that wait first, then the newest. */
export function fixesMessage(
  records: readonly PlanRecord[],
  off: Turned | null,
  now: Date,
  links: Links = noLinks,
): MessageContent {
  const head = off ? [[section(rich`${offWords(off)} ${codeWords('fixes on')} ends it.`)]] : [];
  const waiting = records.filter((record) => waits(record, now));
  const others = records
    .filter((record) => !waits(record, now))
    .toReversed()
    .slice(0, mostOthers);
  const title = `${waitingWords(waiting.length)} for an approval`;
  return message(title, [
    ...head,
    [section(rich`${bold(title)}. The buttons are in the thread of each diagnosis.`)],
    ...[...waiting, ...others].map((record) => [section(fixLine(record, now, links))]),
  ]);
}

export function waits({ state, plan }: PlanRecord, now: Date): boolean {
  return state === 'proposed' && now.getTime() < Date.parse(plan.expiresAt);
}

export function fixLine(record: PlanRecord, now: Date, links: Links = noLinks): Rich {
  const { plan, state, approver } = record;
  const shown = state === 'proposed' && !waits(record, now) ? 'expired' : state;
  const by = approver ? rich`, approved by ${person(approver)}` : nothing;
  const until = shown === 'proposed' ? rich`, until ${clockTime(plan.expiresAt)}` : nothing;
  const pod = podOf(plan.target);
  const what = rich`${bold(clipWords(plan.title, 12))} for ${pod}${inCluster(plan)}`;
  return linked(rich`${planStates[shown]} ${what}${by}${until} · ${codeWords(plan.run)}`, plan.run, links);
}
