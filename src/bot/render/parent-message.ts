/** The one message of a run in the channel: the verdict, calmly, with what to do. */
import { steps } from '../../model/steps.ts';
import type { MessageBlock, MessageContent } from '../../model/thread.ts';
import { onlyJudgedPortAnswers, type Consequence, type Finding, type Verdict } from '../../model/verdict.ts';
import { actions, clip, context, escape, message, section } from './blocks.ts';
import { recheckButton } from './buttons.ts';
import { clockTime, flowOf, judgedFlow, person } from './names.ts';
import { toDo } from './to-do.ts';
import { causeOf, type RunState } from './run-state.ts';

export function parentMessage(state: RunState): MessageContent {
  const { target, verdict, failure, cancelledBy } = state;
  const pod = `${target.namespace}/${target.pod}`;
  const foot = [context(footLine(state))];
  const top = alertBlocks(state);
  if (verdict) return verdictMessage(state, verdict, top, foot);
  const again = [actions(recheckButton(state.run))];
  if (failure) return message(`${pod}: the diagnosis failed`, [top, [section(`:warning: *${escape(pod)}*: ${clip(escape(failure.message), 600)}\n${clip(escape(failure.next), 300)}`)], foot, again]);
  if (cancelledBy) return message(`${pod}: cancelled`, [top, [section(`:black_square_for_stop: *${escape(pod)}*: cancelled by ${person(cancelledBy)}`)], foot, again]);
  const running = steps.filter(({ id }) => !state.settled.has(id)).map(({ title }) => title);
  const now = running.length === 0 ? 'Judging' : `Looking: ${running.slice(0, 2).join(' · ').toLowerCase()}${running.length > 2 ? ' …' : ''}`;
  const found = state.findings.length === 0 ? '' : `\nFound so far: ${clip(escape(state.findings.map(({ finding }) => finding.title).join('; ')), 900)}`;
  return message(`Looking at ${pod}`, [top, [section(`:mag: *${escape(pod)}*${flowOf(target)}\n${escape(now)} (${state.settled.size} of ${steps.length} steps done)${found}`)], foot]);
}

function verdictMessage(state: RunState, verdict: Verdict, top: readonly MessageBlock[], foot: readonly MessageBlock[]): MessageContent {
  const { roots, consequences, latent, blindSpots, notes } = verdict;
  const list = toDo(verdict, state.plans);
  return message(
    `${verdict.target.pod}: ${shortVerdict(verdict)}`,
    [
      top,
      [...latestLook(state), section(headline(verdict))],
      ...roots.map((root, index) => [section(`*${roots.length > 1 ? `${index + 1}. ` : ''}${clip(escape(root.title), 400)}*\n${clip(escape(root.detail), 700)}`)]),
      ...lines('Because of that', consequences.map((finding) => `${titleOf(finding)} _(because of: ${clip(escape(causeOf(finding, verdict)), 200)})_`)),
      ...lines(roots.length > 0 || verdict.flow === 'works' ? 'Also true, but not what stops this flow' : 'Known to be wrong, though not as the cause', latent.map(titleOf)),
      ...lines('What to do, in this order', list, true),
      [actions(recheckButton(state.run))],
      foot,
      ...lines('Could not be seen', blindSpots.map(({ probe, node, reason }) => `${escape(probe)}${node ? ` on ${escape(node)}` : ''}: ${clip(escape(reason), 200)}`)),
      ...notes.map((note) => [context(clip(escape(note), 600))]),
    ],
  );
}

function headline(verdict: Verdict): string {
  const pod = `*${escape(verdict.target.pod)}*`;
  const flow = judgedFlow(verdict);
  if (verdict.verdict === 'healthy') return `:large_green_circle: ${pod} can be reached${flow}.`;
  if (onlyJudgedPortAnswers(verdict)) return otherPortHeadline(verdict, `${pod} answers${flow}`);
  if (verdict.verdict === 'inconclusive') return `:white_circle: Whether ${pod} can be reached${flow} is not known: not all that matters could be seen.`;
  if (verdict.roots.length === 0) {
    if (verdict.flow === 'works') return `:large_yellow_circle: ${pod} can be reached${flow}, yet something is wrong.`;
    return `:large_orange_circle: ${pod}: something is wrong; ${verdict.flow === 'fails' ? `what stops the flow${flow} is not known` : `whether it can be reached${flow} is not known`}.`;
  }
  return `:red_circle: ${pod} cannot be reached${flow}: ${verdict.roots.length === 1 ? 'one cause' : `${verdict.roots.length} causes`}.`;
}

function otherPortHeadline({ verdict, roots }: Verdict, answers: string): string {
  if (verdict === 'inconclusive') return `:white_circle: ${answers}; whether it does on every port that it declares is not known.`;
  if (roots.length === 0) return `:large_orange_circle: ${answers}, but not on every port that it declares, and something is wrong.`;
  return `:red_circle: ${answers}, but not on every port that it declares: ${roots.length === 1 ? 'one cause' : `${roots.length} causes`}.`;
}

function shortVerdict({ verdict, roots, latent }: Verdict): string {
  return verdict === 'fault' ? [...roots, ...(roots.length === 0 ? latent : [])].map(({ title }) => title).join('; ') : verdict;
}

/** The last look after the verdict, above it: what holds now comes first. */
function latestLook({ followUps, recheck, resolvedAt, verdict: first }: RunState): readonly MessageBlock[] {
  const looks = [followUps.at(-1), recheck].flatMap((look) => (look ? [look] : [])).toSorted((a, b) => a.at.localeCompare(b.at));
  const last = looks.at(-1);
  const recovered = last?.verdict.verdict === 'healthy' && first?.verdict !== 'healthy';
  return [
    ...(last ? [section(recovered ? `:large_green_circle: *It can be reached now*, seen at ${clockTime(last.at)}. Before:` : `:eyes: Looked again at ${clockTime(last.at)}: ${clip(escape(shortVerdict(last.verdict)), 900)}. Before:`)] : []),
    ...(resolvedAt ? [section(`:white_check_mark: The alert resolved at ${clockTime(resolvedAt)}.`)] : []),
  ];
}

function alertBlocks({ alert }: RunState): readonly MessageBlock[] {
  return alert ? [section(`:rotating_light: *${clip(escape(alert.name), 200)}*  ${clip(escape(alert.summary), 800)}\nfiring since ${clockTime(alert.startsAt)}`)] : [];
}

function footLine({ requester, run, verdict, origin }: RunState): string {
  const took = verdict ? ` · ${(verdict.timings.totalMs / 1000).toFixed(1)} s` : '';
  return `${origin.kind === 'recheck' ? 're-check asked' : 'asked'} by ${person(requester)}${took} · \`${escape(run)}\``;
}

function titleOf({ title }: Finding | Consequence): string {
  return clip(escape(title), 400);
}

/** A titled list, split so that no block is too long. */
function lines(title: string, items: readonly string[], numbered = false): readonly (readonly MessageBlock[])[] {
  if (items.length === 0) return [];
  const groups: string[] = [];
  for (const [index, item] of items.entries()) {
    const line = `${numbered ? `${index + 1}.` : '•'} ${item}`;
    const last = groups.at(-1);
    if (last !== undefined && last.length + line.length < 2800) groups[groups.length - 1] = `${last}\n${line}`;
    else groups.push(groups.length === 0 ? `*${title}*\n${line}` : line);
  }
  return groups.map((text) => [section(text)]);
}
