/** What a verdict says first: whether the pod is reachable, the causes, and how each is known. */
import type { AnsweredPart } from '../../model/flow-state.ts';
import { headlineOf, type Headline } from '../../model/headline.ts';
import type { FoundFinding, Verdict } from '../../model/verdict.ts';
import { inCluster, judgedFlow } from './names.ts';
import { bold, clip, clipSentences, clipWords, nothing, rich, words, type Rich } from './rich.ts';

/** Longest titles of rules have about as many. */
const titleWords = 18;
const shownCauses = 3;

/** How a finding is known, in a few words. */
export const proofs: Readonly<Record<FoundFinding['proof'], string>> = {
  counter: 'Proof by counter: every test packet ended at this rule.',
  capture: 'Proof by captures of test packets.',
  read: 'Proof: read from the object itself.',
  inferred: 'Inferred, not proven.',
};
const shortProofs: typeof proofs = {
  counter: 'proof by counter',
  capture: 'proof by captures',
  read: 'proof: read from the object',
  inferred: 'inferred, not proven',
};

/** Whether it is reachable, and whether a cause was found: two sentences. One cause is named at once. */
export function headline(verdict: Verdict): Rich {
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
  const pod = rich`${bold(clip(asked ?? judged, 120))}${inCluster(verdict)}`;
  const flow = judgedFlow(verdict);
  if (verdict.answeredPart) return rich`${pod} answers${flow}, but ${restWords(verdict.answeredPart, reachable)}`;
  if (reachable === 'unknown') return rich`I cannot tell whether ${pod} is reachable${flow}`;
  return rich`${pod} is ${reachable === 'yes' ? 'reachable' : 'unreachable'}${flow}`;
}

/** Returns what is said of the rest, where a part answers. */
function restWords(part: AnsweredPart, reachable: Headline['reachable']): string {
  return rests[part][reachable === 'unknown' ? 'unchecked' : 'silent'];
}

const smallOnly = 'only to small packets';
const atTimes = 'only at times';
const opensOnly = 'only handshakes: connections open, and what follows is lost';
const rests: Readonly<Record<AnsweredPart, Readonly<Record<'silent' | 'unchecked', string>>>> = {
  'judged-port': {
    silent: 'not on every port that it declares',
    unchecked: 'some other declared ports were not checked',
  },
  'judged-pod': { silent: 'not at every pod behind it', unchecked: 'the other pods behind it were not checked' },
  'small-packets': { silent: smallOnly, unchecked: smallOnly },
  'some-packets': { silent: atTimes, unchecked: atTimes },
  handshake: { silent: opensOnly, unchecked: opensOnly },
};

function causeWords(
  { verdict, roots, latent, blindSpots, answeredPart }: Verdict,
  reachable: Headline['reachable'],
): Rich {
  const [first, ...others] = roots;
  if (first)
    return others.length === 0
      ? rich`Cause: ${bold(clipWords(first.title, titleWords))}`
      : rich`${roots.length} causes:`;
  if (verdict === 'healthy') return nothing;
  if (reachable === 'yes') return latent.length > 0 ? rich`There are other faults.` : rich`Some checks could not run.`;
  if (reachable === 'no') return rich`The cause was not found.`;
  if (answeredPart) return nothing;
  return blindSpots.length > 0 ? rich`Some checks could not run.` : rich`The cause was not found.`;
}

/**
 * The causes below the headline: how one is known, or a line for each of several.
 * @param fresh how many of the first ones an earlier check did not name: they stand apart
 */
export function causeLines({ roots }: Verdict, fresh = 0): readonly Rich[] {
  const [first, ...others] = roots;
  if (!first) return [];
  if (others.length === 0) return [rich`${proofs[first.proof]} ${clipSentences(first.detail, detailWords)}`];
  const parts: ReadonlyMap<number, Rich> =
    fresh === 0 || fresh === roots.length
      ? new Map()
      : new Map([
          [0, rich`:new: New:`],
          [fresh, rich`Found before:`],
        ]);
  return [
    ...roots.slice(0, shownCauses).flatMap(({ title, proof }, index) => {
      const part = parts.get(index);
      const line = rich`${index + 1}. ${bold(clipWords(title, titleWords))} (${shortProofs[proof]})`;
      return part ? [part, line] : [line];
    }),
    ...(roots.length > shownCauses ? [rich`… and ${roots.length - shownCauses} more: see the evidence.`] : []),
  ];
}

const detailWords = 26;

/** A verdict in one line, true alone: in a notification, or beside an earlier verdict. */
export function shortVerdict(verdict: Verdict): string {
  const { target, roots } = verdict;
  const { reachable } = headlineOf(verdict);
  const pod = words(rich`${clip(target.asked ?? target.pod, 60)}${inCluster(verdict)}`);
  const flow = [
    target.from ? ` from ${words(clip(target.from, 40))}` : '',
    target.to ? ` to ${words(clip(target.to, 40))}` : '',
    target.port ? ` on ${target.port}` : '',
  ].join('');
  const cause =
    roots.length > 0 ? roots.map(({ title }) => title).join('; ') : lowerFirst(words(causeWords(verdict, reachable)));
  const beside = cause === '' ? '' : `: ${cause.replace(/\.$/, '')}`;
  if (verdict.answeredPart) return `${pod} answers${flow}, but ${restWords(verdict.answeredPart, reachable)}${beside}`;
  if (reachable === 'unknown') return `Not known whether ${pod} is reachable${flow}${beside}`;
  return `${pod} is ${reachable === 'yes' ? 'reachable' : 'unreachable'}${flow}${beside}`;
}

function lowerFirst(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
