/** The one message of a run in the channel: the verdict, calmly, with what to do. */
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
import { bold, clip, clockTime, codeWords, italic, join, nothing, person, rich, type Rich } from './rich.ts';
import { toDo } from './to-do.ts';
import { causeOf, type RunState } from './run-state.ts';

export function parentMessage(state: RunState): MessageContent {
  const { target, verdict, failure, cancelledBy } = state;
  const pod = `${target.namespace}/${target.pod}`;
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
  const { roots, consequences, latent, blindSpots, notes } = verdict;
  const list = toDo(verdict, state.plans);
  return message(`${verdict.target.pod}: ${shortVerdict(verdict)}`, [
    top,
    [...latestLook(state), section(headline(verdict)), ...stopBlocks(verdict)],
    ...roots.map((root, index) => [
      section(
        rich`${bold(rich`${roots.length > 1 ? `${index + 1}. ` : ''}${clip(root.title, 400)}`)}\n${clip(root.detail, 700)}`,
      ),
    ]),
    ...titledList(
      'Consequences',
      consequences.map(
        (finding) => rich`${titleOf(finding)} ${italic(rich`(caused by: ${clip(causeOf(finding, verdict), 200)})`)}`,
      ),
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
      blindSpots.map(({ probe, node, reason }) => rich`${clip(probe, 100)}${onNode(node)}: ${clip(reason, 200)}`),
    ),
    ...notes.map((note) => [context(clip(note, 600))]),
  ]);
}

/** Where a cause was found, one sentence is enough. */
function stopBlocks({ stop, roots }: Verdict): readonly MessageBlock[] {
  if (!stop) return [];
  const summary = clip(stop.summary, 400);
  const [next] = stop.notChecked;
  if (roots.length > 0) return [context(summary)];
  const parts = [
    bold(summary),
    ...(stop.checked.length > 0
      ? [rich`Checked there, without a fault found: ${clip(stop.checked.join('; '), 500)}`]
      : []),
    ...(next
      ? [
          rich`Not checked there: ${clip(notCheckedWords(stop).join('; '), 700)}`,
          rich`To do next${onNode(next.node)}: ${codeWords(clip(next.command, 300))}`,
        ]
      : []),
  ];
  return [section(join(parts, rich`\n`))];
}

function headline(verdict: Verdict): Rich {
  const pod = bold(verdict.target.pod);
  const flow = judgedFlow(verdict);
  if (verdict.verdict === 'healthy') return rich`:large_green_circle: ${pod} is reachable${flow}.`;
  if (onlyJudgedPortAnswers(verdict)) return otherPortHeadline(verdict, rich`${pod} answers${flow}`);
  if (verdict.verdict === 'inconclusive')
    return rich`:white_circle: Inconclusive: some checks could not run, so I cannot tell whether ${pod} is reachable${flow}.`;
  if (verdict.roots.length === 0) {
    if (verdict.flow === 'works') return rich`:large_yellow_circle: ${pod} is reachable${flow}, but has other faults.`;
    return rich`:large_orange_circle: ${pod} ${verdict.flow === 'fails' ? rich`is unreachable${flow}, and the cause was not found` : rich`has faults, and I cannot tell whether it is reachable${flow}`}.`;
  }
  return rich`:red_circle: ${pod} is unreachable${flow}: ${verdict.roots.length === 1 ? 'one cause' : `${verdict.roots.length} causes`}.`;
}

function otherPortHeadline({ verdict, roots }: Verdict, answers: Rich): Rich {
  if (verdict === 'inconclusive')
    return rich`:white_circle: Inconclusive: ${answers}, but some other declared ports could not be checked.`;
  if (roots.length === 0)
    return rich`:large_orange_circle: ${answers}, but not on every port that it declares. The cause was not found.`;
  return rich`:red_circle: ${answers}, but not on every port that it declares: ${roots.length === 1 ? 'one cause' : `${roots.length} causes`}.`;
}

function shortVerdict({ verdict, roots, latent }: Verdict): string {
  return verdict === 'fault'
    ? [...roots, ...(roots.length === 0 ? latent : [])].map(({ title }) => title).join('; ')
    : verdict;
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
          rich`:rotating_light: ${bold(clip(alert.name, 200))}  ${clip(alert.summary, 800)}\nfiring since ${clockTime(alert.startsAt)}`,
        ),
      ]
    : [];
}

function footLine({ requester, run, verdict, origin }: RunState): Rich {
  const took = verdict ? ` · ${(verdict.timings.totalMs / 1000).toFixed(1)} s` : '';
  return rich`${origin.kind === 'recheck' ? 're-check asked' : 'asked'} by ${person(requester)}${took} · ${codeWords(run)}`;
}

function titleOf({ title }: Finding | Consequence): Rich {
  return clip(title, 400);
}

function onNode(node: string | null): Rich {
  return node === null ? nothing : rich` on ${clip(node, 100)}`;
}
