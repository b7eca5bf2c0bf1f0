/** The one message of a run in the channel: the verdict, calmly, with what to do. */
import { blindSpotLines } from '../../model/blind-spots.ts';
import { describeTarget } from '../../model/asked-flow.ts';
import { headlineOf, type Headline } from '../../model/headline.ts';
import { steps } from '../../model/steps.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import {
  type Consequence,
  type Finding,
  type Verdict,
  notCheckedWords,
  onlyJudgedPortAnswers,
} from '../../model/verdict.ts';
import { actions, context, message, section, titledList } from './blocks.ts';
import { cancelButton, recheckButton } from './buttons.ts';
import { flowOf, judgedFlow } from './names.ts';
import { bold, clip, clockTime, codeWords, italic, join, nothing, person, rich, words, type Rich } from './rich.ts';
import { toDo } from './to-do.ts';
import { causeOf, type RunState } from './run-state.ts';

export function parentMessage(state: RunState): MessageContent {
  const { target, verdict, failure, cancelledBy } = state;
  const pod = describeTarget(target);
  const foot = [context(footLine(state))];
  const top = alertBlocks(state);
  if (verdict) return verdictMessage(state, verdict, top, foot);
  const again = [actions(recheckButton(state.run))];
  if (failure)
    return message(`${pod}: the diagnosis failed`, [
      top,
      [section(rich`:warning: ${bold(pod)}: ${clip(failure.message, 600)}\n${clip(failure.next, 300)}`)],
      foot,
      again,
    ]);
  if (cancelledBy)
    return message(`${pod}: cancelled`, [
      top,
      [section(rich`:black_square_for_stop: ${bold(pod)}: cancelled by ${person(cancelledBy)}`)],
      foot,
      again,
    ]);
  const running = steps.filter(({ id }) => !state.settled.has(id)).map(({ title }) => title);
  const now =
    running.length === 0
      ? 'Judging'
      : `Checking: ${running.slice(0, 2).join(' · ').toLowerCase()}${running.length > 2 ? ' …' : ''}`;
  const found =
    state.findings.length === 0
      ? nothing
      : rich`\nFound so far: ${clip(state.findings.map(({ finding }) => finding.title).join('; '), 900)}`;
  return message(`Checking ${pod}`, [
    top,
    [
      section(
        rich`:mag: ${bold(pod)}${flowOf(target)}\n${now} (${state.settled.size} of ${steps.length} steps done)${found}`,
      ),
    ],
    foot,
    [actions(cancelButton(state.run))],
  ]);
}

function verdictMessage(
  state: RunState,
  verdict: Verdict,
  top: readonly MessageBlock[],
  foot: readonly MessageBlock[],
): MessageContent {
  const { roots, consequences, latent, blindSpots, setup, notes } = verdict;
  const list = toDo(verdict, state.plans);
  return message(`${verdict.target.asked ?? verdict.target.pod}: ${shortVerdict(verdict)}`, [
    top,
    [...latestLook(state), section(headline(verdict)), ...stopBlocks(verdict)],
    ...roots.map((root, index) => [
      section(
        roots.length === 1
          ? clip(root.detail, 700)
          : rich`${bold(rich`${index + 1}. ${clip(root.title, 400)}`)}\n${clip(root.detail, 700)}`,
      ),
    ]),
    ...titledList(
      'Consequences',
      consequences.map((finding) => consequenceLine(finding, verdict)),
    ),
    ...titledList(
      roots.length > 0 || verdict.flow === 'works'
        ? 'Other faults, which do not stop this flow'
        : 'Other faults, not shown to be the cause',
      latent.map(titleOf),
    ),
    ...titledList('To do, in this order', list, true),
    [actions(recheckButton(state.run))],
    foot,
    ...titledList(
      'Not checked',
      blindSpotLines(blindSpots).map(
        ({ text, next }) => rich`${clip(text, 300)}${next === null ? nothing : rich`\n${codeWords(clip(next, 200))}`}`,
      ),
    ),
    ...[...notes, ...(setup ? [setup.summary] : [])].map((note) => [context(clip(note, 600))]),
  ]);
}

/** Where a cause was found, one sentence is enough, if it says where. */
function stopBlocks({ stop, roots }: Verdict): readonly MessageBlock[] {
  if (!stop) return [];
  const summary = clip(stop.summary, 400);
  const [next] = stop.notChecked;
  if (roots.length > 0) return stop.direction === null ? [] : [context(summary)];
  const where = next?.node ? rich` on ${clip(next.node, 100)}` : nothing;
  const parts = [
    bold(summary),
    ...(stop.checked.length > 0
      ? [rich`Checked there, without a fault found: ${clip(stop.checked.join('; '), 500)}`]
      : []),
    ...(next
      ? [
          rich`Not checked there: ${clip(notCheckedWords(stop).join('; '), 700)}`,
          rich`To do next${where}: ${codeWords(clip(next.command, 300))}`,
        ]
      : []),
  ];
  return [section(join(parts, rich`\n`))];
}

/** Whether it is reachable, and whether a cause was found: two sentences. One cause is named at once. */
function headline(verdict: Verdict): Rich {
  const { reachable, causeFound } = headlineOf(verdict);
  const mark = marks[causeFound ? 'cause' : verdict.verdict][reachable];
  const cause = causeWords(verdict, reachable);
  return rich`${mark} ${reachableWords(verdict, reachable)}.${cause.empty ? nothing : rich` ${cause}`}`;
}

const marks: Readonly<Record<'cause' | Verdict['verdict'], Readonly<Record<Headline['reachable'], Rich>>>> = {
  cause: { yes: rich`:red_circle:`, no: rich`:red_circle:`, unknown: rich`:red_circle:` },
  fault: { yes: rich`:large_yellow_circle:`, no: rich`:large_orange_circle:`, unknown: rich`:large_orange_circle:` },
  healthy: { yes: rich`:large_green_circle:`, no: rich`:large_green_circle:`, unknown: rich`:large_green_circle:` },
  inconclusive: { yes: rich`:white_circle:`, no: rich`:large_orange_circle:`, unknown: rich`:white_circle:` },
};

function reachableWords(verdict: Verdict, reachable: Headline['reachable']): Rich {
  const { asked, pod: judged } = verdict.target;
  const pod = bold(asked ?? judged);
  const flow = judgedFlow(verdict);
  const unchecked = 'some other declared ports were not checked';
  const some = asked ? 'not at every pod behind it' : 'not on every port that it declares';
  const others = reachable === 'unknown' ? unchecked : some;
  if (onlyJudgedPortAnswers(verdict)) return rich`${pod} answers${flow}, but ${others}`;
  if (reachable === 'unknown') return rich`I cannot tell whether ${pod} is reachable${flow}`;
  return rich`${pod} is ${reachable === 'yes' ? 'reachable' : 'unreachable'}${flow}`;
}

function causeWords(
  { verdict, roots, latent, blindSpots, path, flow, target }: Verdict,
  reachable: Headline['reachable'],
): Rich {
  const [first, ...others] = roots;
  if (first) return others.length === 0 ? rich`Cause: ${bold(clip(first.title, 400))}` : rich`${roots.length} causes:`;
  if (verdict === 'healthy') return nothing;
  if (reachable === 'yes') return latent.length > 0 ? rich`There are other faults.` : rich`Some checks could not run.`;
  if (reachable === 'no') return rich`The cause was not found.`;
  if (onlyJudgedPortAnswers({ flow, path, target })) return nothing;
  return blindSpots.length > 0 ? rich`Some checks could not run.` : rich`The cause was not found.`;
}

/** For a notification: the causes, or what is known without one. */
function shortVerdict(verdict: Verdict): string {
  const { roots } = verdict;
  if (roots.length > 0) return roots.map(({ title }) => title).join('; ');
  const { reachable } = headlineOf(verdict);
  const known =
    reachable === 'unknown' ? 'not known whether reachable' : reachable === 'yes' ? 'reachable' : 'unreachable';
  return onlyJudgedPortAnswers(verdict)
    ? words(causeWords(verdict, reachable))
    : [known, words(causeWords(verdict, reachable)).toLowerCase()].filter((part) => part !== '').join('; ');
}

/** The last look after the verdict, above it: what holds now comes first. */
function latestLook({ followUps, recheck, resolvedAt, verdict: first }: RunState): readonly MessageBlock[] {
  const looks = [followUps.at(-1), recheck]
    .flatMap((look) => (look ? [look] : []))
    .toSorted((a, b) => a.at.localeCompare(b.at));
  const last = looks.at(-1);
  const recovered = last?.verdict.verdict === 'healthy' && first?.verdict !== 'healthy';
  return [
    ...(last
      ? [
          section(
            recovered
              ? rich`:large_green_circle: ${bold('Reachable now')}, checked at ${clockTime(last.at)}. Before:`
              : rich`:eyes: Checked again at ${clockTime(last.at)}: ${clip(shortVerdict(last.verdict), 900)}. Before:`,
          ),
        ]
      : []),
    ...(resolvedAt ? [section(rich`:white_check_mark: The alert resolved at ${clockTime(resolvedAt)}.`)] : []),
  ];
}

function alertBlocks({ alert }: RunState): readonly MessageBlock[] {
  return alert
    ? [
        section(
          join(
            [
              rich`:rotating_light: ${bold(clip(alert.name, 200))}  ${clip(alert.summary, 800)}`,
              rich`firing since ${clockTime(alert.startsAt)}`,
            ],
            rich`\n`,
          ),
        ),
      ]
    : [];
}

function footLine({ requester, run, verdict, origin }: RunState): Rich {
  const took = verdict ? ` · ${(verdict.timings.totalMs / 1000).toFixed(1)} s` : '';
  const asked = origin.kind === 'recheck' ? 're-check asked' : 'asked';
  return rich`${asked} by ${person(requester)}${took} · ${codeWords(run)}`;
}

/** The only cause stands right above it. */
function consequenceLine(finding: Consequence, verdict: Verdict): Rich {
  const { roots, latent } = verdict;
  if (roots.length === 1 && latent.length === 0 && finding.because.id === roots[0]?.id) return titleOf(finding);
  return rich`${titleOf(finding)} ${italic(rich`(caused by: ${clip(causeOf(finding, verdict), 200)})`)}`;
}

function titleOf({ title }: Finding | Consequence): Rich {
  return clip(title, 400);
}
