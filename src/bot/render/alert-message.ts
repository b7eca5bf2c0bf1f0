/** What an alert says, and what else fires with it. */
import { causeTitles, firingVictims } from '../../model/alert-life.ts';
import type { StormVictim } from '../../model/runs.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { capital } from '../../model/words.ts';
import { answerText, failureText } from './answers.ts';
import { message, section } from './blocks.ts';
import { podOf } from './names.ts';
import {
  bold,
  clip,
  clipWords,
  clockTime,
  codeWords,
  italic,
  join,
  link,
  nothing,
  rich,
  threadLink,
  words,
  type Rich,
} from './rich.ts';
import type { RunState } from './run-state.ts';
import { shortVerdict } from './verdict-words.ts';

/** The alert that asked for the run, with its links. */
export function alertBlocks({ alerts, resolvedAt }: RunState): readonly MessageBlock[] {
  const [first, ...more] = alerts;
  if (!first) return [];
  const severity = first.severity ? rich` (${clip(first.severity, 20)})` : nothing;
  const what = rich`:rotating_light: ${bold(clipWords(first.name, 6))}${severity}  ${clipWords(first.summary, 16)}`;
  const links = [
    first.runbook === null ? nothing : link('runbook', first.runbook),
    first.graph === null ? nothing : link('graph', first.graph),
  ].filter(({ empty }) => !empty);
  const since = rich`${resolvedAt === null ? 'firing since' : 'fired at'} ${clockTime(first.startsAt)}`;
  const beside = more.length === 0 ? [] : [rich`and ${more.length} more ${more.length === 1 ? 'alert' : 'alerts'}`];
  return [section(rich`${what}\n${join([since, ...beside, ...links], rich` · `)}`)];
}

/** The storm in one line: how many fire with it, and what is known of them. @param isBrief the list alone says that */
export function stormBlocks(state: RunState, isBrief = false): readonly MessageBlock[] {
  const { victims } = state;
  if (victims.length === 0) return [];
  const counts = groupsOf(state).map(({ short, members }) => `${members.length} ${short}`);
  const firing = firingVictims(victims);
  const all = victims.length === 1 ? '1 more target fires' : `${victims.length} more targets fire`;
  const targets = firing === victims.length ? all : `${firing} of ${victims.length} more targets fire`;
  const known = isBrief ? nothing : rich`: ${counts.join(', ')}`;
  return [section(rich`:busts_in_silhouette: ${bold(targets)}${known}. The thread has the list.`)];
}

/** What is known of a target that fires with others, in a few words. */
export const victimWords: Readonly<Record<StormVictim['state'], string>> = {
  fault: 'another cause',
  waiting: 'not checked yet',
  other: 'told on its own',
  reachable: 'reachable when checked',
  unclear: 'inconclusive',
  failed: 'could not be checked',
  resolved: 'resolved',
  undiagnosed: 'not checked: too many at once',
};

interface VictimGroup {
  readonly short: string;
  readonly title: Rich;
  readonly members: readonly StormVictim[];
}

/** Those of one cause or state together, this run's own cause first. */
function groupsOf({ victims, verdict }: RunState): readonly VictimGroup[] {
  const cause = verdict && causeTitles(verdict);
  const groups = new Map<string, VictimGroup>();
  const order: readonly StormVictim['state'][] = [
    'fault',
    'unclear',
    'failed',
    'waiting',
    'undiagnosed',
    'reachable',
    'other',
    'resolved',
  ];
  const rank = (victim: StormVictim) =>
    victim.state === 'fault' && victim.cause !== null && victim.cause === cause ? -1 : order.indexOf(victim.state);
  for (const victim of victims.toSorted((a, b) => rank(a) - rank(b))) {
    const isSame = rank(victim) === -1;
    const short = isSame
      ? 'with this cause'
      : victim.state === 'other'
        ? 'told on their own'
        : victimWords[victim.state];
    const named =
      victim.state === 'fault' && !isSame && victim.cause ? rich`: ${clipWords(victim.cause, 18)}` : nothing;
    const key = `${short} ${victim.state === 'fault' ? (victim.cause ?? '') : ''}`;
    const members = [...(groups.get(key)?.members ?? []), victim];
    groups.set(key, { short, title: rich`${capital(short)}${named}`, members });
  }
  return [...groups.values()];
}

const targetsOfSection = 40;

/** Every target that fires with the run's own, by what is known of it. The list grows in place. */
export function victimsMessage(state: RunState): MessageContent {
  const { victims } = state;
  const title = `${victims.length} more ${victims.length === 1 ? 'target fires' : 'targets fire'} with this alert`;
  const groups = groupsOf(state).flatMap(({ title: of, members }) => {
    const names = [...new Set(members.map(({ target }) => target))];
    const pieces = Array.from({ length: Math.ceil(names.length / targetsOfSection) }, (_one, at) =>
      names.slice(at * targetsOfSection, (at + 1) * targetsOfSection),
    );
    return pieces.map((piece, at) => [
      section(
        rich`${at === 0 ? rich`${bold(of)} (${names.length})\n` : nothing}${join(
          piece.map((name) => clip(name, 120)),
          rich`, `,
        )}`,
      ),
    ]);
  });
  return message(title, [[section(bold(title))], ...groups], 'The report has the whole list.');
}

/** Below the message of an alert that is told with others. */
export function inStormMessage({ target, verdict, resolvedAt }: RunState): MessageContent {
  const resolved = resolvedAt === null ? nothing : rich` The alert resolved at ${clockTime(resolvedAt)}.`;
  const said = verdict === null ? rich`${podOf(target)} could not be checked` : clipWords(shortVerdict(verdict), 24);
  const text = rich`:busts_in_silhouette: ${said}.${resolved} It is in the list of the alert that fired first.`;
  return message(words(text), [[section(text)]]);
}

/**
 * Below a post whose alert is told below another one.
 * @param state null: its diagnosis has not started @param address of its thread; not given: Slack gave none
 */
export function toldElsewhere(state: RunState | null, at: string, address?: string): MessageContent {
  const pod = state === null ? 'Its target' : podOf(state.target);
  const verdict = state?.followUps.at(-1)?.verdict ?? state?.verdict ?? null;
  const said = verdict === null ? rich`${pod} is being checked` : clipWords(shortVerdict(verdict), 24);
  const where = threadLink(address);
  const way = where.empty ? nothing : rich` ${where}.`;
  return answerText(rich`:link: ${said}. See the thread of the alert that was posted at ${clockTime(at)}.${way}`);
}

/** The end of an alert: what the check after it said. */
export function resolvedMessage(state: RunState, resolvedAt: string): MessageContent {
  const last = state.followUps.findLast(({ at }) => at >= resolvedAt) ?? null;
  const resolved = rich`The alert resolved at ${clockTime(resolvedAt)}`;
  const firing = firingVictims(state.victims);
  const others = firing === 0 ? nothing : rich`\n${firing} of ${state.victims.length} other targets still fire.`;
  if (last === null && state.verdict !== null)
    return message('The alert resolved', [
      [section(rich`:white_check_mark: ${resolved}. ${italic('A last check runs.')}${others}`)],
    ]);
  const verdict = last?.verdict ?? state.verdict;
  if (verdict === null)
    return message('The alert resolved', [[section(rich`:white_check_mark: ${resolved}.${others}`)]]);
  const isGreen = verdict.verdict === 'healthy';
  const said = clipWords(shortVerdict(verdict), 24);
  const text = isGreen
    ? rich`:large_green_circle: ${resolved}, and ${said}.`
    : rich`:large_orange_circle: ${resolved}, but a check after it says: ${said}.`;
  return message(words(text), [[section(rich`${text}${others}`)]]);
}

export interface UnmappedShown {
  /** Another app posted it: null, it came otherwise. */
  readonly thread: string | null;
  readonly alert: string;
  readonly why: string;
  readonly labels: Readonly<Record<string, string>>;
}

const commandWords = codeWords('/calico diagnose NAMESPACE/POD');

/** Below a post that an error kept from being read, or a part of it. Details are in the log. */
export function postNotTaken(error: unknown, isPart = false): MessageContent {
  const what = isPart ? 'Some alerts of this post were not diagnosed' : 'This alert was not diagnosed';
  return answerText(rich`${failureText(error, what)} To diagnose it now, run ${commandWords}.`);
}

/** Below a post that has more alerts than are read of it. */
export function tooManyAlerts(read: number, more: number): MessageContent {
  const unread = rich`I read the first ${read} alerts of this post, and not the ${more} behind them`;
  return answerText(rich`:warning: ${unread}. To diagnose one, run ${commandWords}.`);
}

/** Below a post that is one too many. */
export function tooManyPosts(most: number): MessageContent {
  const much = rich`I read ${most} posts of a channel at once, and one a second after that`;
  return answerText(rich`:warning: This alert was not diagnosed: ${much}. Run ${commandWords}.`);
}

const shownUnmapped = 8;
/** Labels that say nothing of where. */
const toldApart: ReadonlySet<string> = new Set(['alertname', 'severity', 'prometheus']);

/** Alerts that are not diagnosed, with the labels by which their targets could be found. */
export function unmappedMessage(alerts: readonly UnmappedShown[]): MessageContent {
  const [first] = alerts;
  const title =
    alerts.length === 1
      ? `I cannot diagnose the alert ${first?.alert ?? ''}`
      : `I cannot diagnose ${alerts.length} alerts`;
  const lines = alerts.slice(0, shownUnmapped).map(({ alert, why, labels }) => {
    const shown = Object.entries(labels).filter(([name]) => !toldApart.has(name));
    const given = shown.map(([name, value]) => `${name}=${value}`).join(' ');
    const reason = rich`${clip(alerts.length === 1 ? capital(why) : why, 150)}.`;
    const said = given === '' ? reason : rich`${reason} ${clip(given, 200)}`;
    return alerts.length === 1 ? said : rich`• ${bold(clipWords(alert, 6))}: ${said}`;
  });
  const more = alerts.length - lines.length;
  const setting = codeWords('ALERT_TARGETS');
  const settings = first?.thread === null ? setting : rich`${setting} or ${codeWords('ALERT_POST_TEXTS')}`;
  const next = rich`Name the target: ${commandWords}. For next time, set ${settings}.`;
  return message(title, [
    [section(rich`:white_circle: ${bold(title)}.`)],
    [section(join([...lines, ...(more > 0 ? [rich`… and ${more} more.`] : [])], rich`\n`))],
    [section(next)],
  ]);
}
