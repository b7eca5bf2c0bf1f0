/** A later check of the same flow, beside the verdict that the message began with. */
import { changeBetween, changeWords, findingKey, findingsBy, verdictChange } from '../../model/verdict-change.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { bold, clipSentences, clockTime, rich, type Rich } from './rich.ts';
import type { LaterLook, RunState } from './run-state.ts';

/** The last check after the verdict; null: there was none. */
export function latestLook({ followUps, recheck }: RunState): LaterLook | null {
  const looks = [followUps.at(-1), recheck].flatMap((look) => (look ? [look] : []));
  return looks.toSorted((a, b) => a.at.localeCompare(b.at)).at(-1) ?? null;
}

export interface CurrentVerdict {
  readonly verdict: Verdict;
  /** How many of its first causes the verdict before did not name. */
  readonly freshCauses: number;
}

/**
 * Returns what holds now: the later verdict where it names a cause, new causes first, each with the plan that it had.
 * A later check that names none takes nothing back.
 */
export function currentVerdict(before: Verdict, last: LaterLook | null): CurrentVerdict {
  if (!last || last.verdict.roots.length === 0 || verdictChange(before, last.verdict) === null)
    return { verdict: before, freshCauses: 0 };
  const known = findingsBy(before);
  const planned = <F extends Finding>(finding: F): F => {
    const earlier = known.get(findingKey(finding));
    return earlier ? { ...finding, fix: earlier.fix, advice: earlier.advice } : finding;
  };
  const { roots, consequences, latent } = last.verdict;
  const isFresh = (finding: Finding) => !known.has(findingKey(finding));
  const fresh = roots.filter(isFresh);
  return {
    verdict: {
      ...last.verdict,
      roots: [...fresh, ...roots.filter((root) => !isFresh(root)).map(planned)],
      consequences: consequences.map(planned),
      latent: latent.map(planned),
    },
    freshCauses: fresh.length,
  };
}

/** Findings that the verdict before did not have. */
export function freshFindings(before: Verdict, last: LaterLook | null): readonly Finding[] {
  return last ? changeBetween(before, last.verdict).fresh : [];
}

/** What a later check says beside the verdict, above it. */
export function laterLines({ resolvedAt }: RunState, before: Verdict, last: LaterLook | null): readonly Rich[] {
  // A green mark above a red verdict reads as if all were well.
  const ending =
    (last?.verdict ?? before).verdict === 'healthy' ? rich`:white_check_mark:` : rich`:large_orange_circle:`;
  const isOpen = last !== null && last.verdict.verdict === 'inconclusive' && before.verdict !== 'inconclusive';
  const said = last && clipSentences(changed(before, last), 24);
  return [
    ...(last && said ? [rich`:eyes: ${bold(rich`Checked again at ${clockTime(last.at)}:`)} ${said}`] : []),
    ...(resolvedAt ? [rich`${ending} The alert resolved at ${clockTime(resolvedAt)}.`] : []),
    ...(isOpen ? [rich`${bold('The first check found:')}`] : []),
  ];
}

/** New causes are counted alone: the list of causes right below names them. */
function changed(before: Verdict, { verdict }: LaterLook): string {
  const change = changeBetween(before, verdict);
  const causes = new Set(verdict.roots.map(({ id }) => id));
  const fresh = change.fresh.filter(({ id }) => causes.has(id));
  const others = change.fresh.filter(({ id }) => !causes.has(id));
  const said = [
    ...(fresh.length === 0 ? [] : [`${fresh.length} new ${fresh.length === 1 ? 'cause' : 'causes'}.`]),
    // A later check makes no plans.
    ...(fresh.some(({ fix }) => fix !== null) ? ['Press Re-check to get a fix for it.'] : []),
    ...changeWords(change, verdict, 1),
    ...others.map(({ title }) => `New: ${title}.`),
  ];
  return said.length === 0 ? 'No change.' : said.join(' ');
}
