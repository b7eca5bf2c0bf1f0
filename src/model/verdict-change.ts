import { headlineOf, type Headline } from './headline.ts';
import type { Finding, Verdict } from './verdict.ts';
import { subjectName } from './rule.ts';

export interface VerdictChange {
  /** Whether the pod is reachable, where that changed. */
  readonly state: string | null;
  /** Titles of what is not found any more. */
  readonly gone: readonly string[];
  readonly fresh: readonly Finding[];
  readonly moved: readonly string[];
  /** Causes that both verdicts name. */
  readonly lasting: number;
}

/** What a later verdict of the same target says that the earlier one did not, in words; null: nothing new. */
export function verdictChange(before: Verdict | null, after: Verdict): string | null {
  if (!before) return `The pod is ${stateOf(after)}.`;
  const change = changeBetween(before, after);
  const { fresh, lasting } = change;
  const said = [
    ...changeWords(change, after),
    ...fresh.map((finding) => `New: ${finding.title}.`),
    ...(fresh.length === 0 || lasting === 0
      ? []
      : [lasting === 1 ? 'The other cause remains.' : othersRemain(lasting)]),
  ];
  return said.length === 0 ? null : said.join(' ');
}

const othersRemain = (count: number) => `The ${count} other causes remain.`;

/**
 * All of a change but what is new. What an inconclusive check does not find may still be there.
 * @param mostGone how many of those that are gone are named
 */
export function changeWords(
  { state, gone, moved }: VerdictChange,
  after: Verdict,
  mostGone = gone.length,
): readonly string[] {
  const lost = after.verdict === 'inconclusive' ? 'Not confirmed' : 'No longer found';
  const more = gone.length > mostGone ? [`and ${gone.length - mostGone} more`] : [];
  const named = [...gone.slice(0, mostGone), ...more].join('; ');
  return [...(state === null ? [] : [state]), ...(named === '' ? [] : [`${lost}: ${named}.`]), ...moved];
}

export function changeBetween(before: Verdict, after: Verdict): VerdictChange {
  const [was, is] = [findingsBy(before), findingsBy(after)];
  const isReachable = after.verdict === 'healthy';
  const state = isReachable ? 'The pod is reachable now.' : `The pod was ${stateOf(before)}. Now: ${stateOf(after)}.`;
  const causes = new Set(before.roots.map((finding) => findingKey(finding)));
  return {
    state: before.verdict === after.verdict ? null : state,
    gone: [...was].flatMap(([key, { title }]) => (is.has(key) ? [] : [title])),
    fresh: [...is].flatMap(([key, finding]) => (was.has(key) ? [] : [finding])),
    moved: [...is].flatMap(([key, { title }]) =>
      was.has(key) && roleOf(before, key) !== roleOf(after, key)
        ? [`${title}: was ${roleOf(before, key) ?? ''}, is ${roleOf(after, key) ?? ''}.`]
        : [],
    ),
    lasting: after.roots.filter((finding) => causes.has(findingKey(finding))).length,
  };
}

/** Of a fault, as the headline says it: one that stops nothing makes no pod unreachable to which nothing was sent. */
const faulty: Readonly<Record<Headline['reachable'], string>> = {
  yes: 'reachable, with a fault',
  no: 'unreachable',
  unknown: 'not known to be reachable, with a fault',
};

function stateOf(verdict: Verdict): string {
  if (verdict.verdict === 'healthy') return 'reachable';
  return verdict.verdict === 'inconclusive' ? 'inconclusive' : faulty[headlineOf(verdict).reachable];
}

export function findingsBy({ roots, consequences, latent }: Verdict): ReadonlyMap<string, Finding> {
  return new Map([...roots, ...consequences, ...latent].map((finding) => [findingKey(finding), finding]));
}

/** What two verdicts mean by the same finding. */
export function findingKey({ rule, node, subject }: Finding): string {
  return `${rule} ${node ?? ''} ${subjectName(subject)}`;
}

function roleOf(verdict: Verdict, key: string): string | null {
  if (verdict.roots.some((finding) => findingKey(finding) === key)) return 'a cause';
  if (verdict.consequences.some((finding) => findingKey(finding) === key)) return 'a consequence';
  return verdict.latent.some((finding) => findingKey(finding) === key) ? 'another fault' : null;
}
