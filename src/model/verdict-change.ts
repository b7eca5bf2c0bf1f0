import { headlineOf, type Headline } from './headline.ts';
import type { Finding, Verdict } from './verdict.ts';
import { subjectName } from './rule.ts';

/** What a later verdict of the same target says that the earlier one did not, in words; null: nothing new. */
export function verdictChange(before: Verdict | null, after: Verdict): string | null {
  if (!before) return `The pod is ${stateOf(after)}.`;
  const [was, is] = [findingsBy(before), findingsBy(after)];
  const said = [
    ...(before.verdict === after.verdict
      ? []
      : [
          after.verdict === 'healthy'
            ? 'The pod is reachable now.'
            : `The pod was ${stateOf(before)}. Now: ${stateOf(after)}.`,
        ]),
    ...[...was].flatMap(([key, finding]) => (is.has(key) ? [] : [`No longer found: ${finding.title}.`])),
    ...[...is].flatMap(([key, finding]) => (was.has(key) ? [] : [`New: ${finding.title}.`])),
    ...[...is].flatMap(([key, finding]) =>
      was.has(key) && roleOf(before, key) !== roleOf(after, key)
        ? [`${finding.title}: was ${roleOf(before, key) ?? ''}, is ${roleOf(after, key) ?? ''}.`]
        : [],
    ),
  ];
  return said.length === 0 ? null : said.join(' ');
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

function findingsBy({ roots, consequences, latent }: Verdict): ReadonlyMap<string, Finding> {
  return new Map([...roots, ...consequences, ...latent].map((finding) => [keyOf(finding), finding]));
}

function keyOf({ rule, node, subject }: Finding): string {
  return `${rule} ${node ?? ''} ${subjectName(subject)}`;
}

function roleOf(verdict: Verdict, key: string): string | null {
  if (verdict.roots.some((finding) => keyOf(finding) === key)) return 'a cause';
  if (verdict.consequences.some((finding) => keyOf(finding) === key)) return 'a consequence';
  return verdict.latent.some((finding) => keyOf(finding) === key) ? 'another fault' : null;
}
