/** How right a verdict is, and how right many are. */
import type { RecordedKind } from '../lab/recorded-cases.ts';
import type { Said } from '../lab/diagnosis.ts';
import type { ExpectedIds } from './combine.ts';

/** Of how many things at once a question is; `healthy`: nothing is broken, and something is odd. */
export const kinds = ['single', 'pair', 'triple', 'healthy'] as const;
export type Kind = (typeof kinds)[number];

/** A lab by what its flags say. */
export interface LabKind extends RecordedKind {
  readonly calico: 'stand-ins' | 'real';
}

/** What came of one question. The lists hold ids of rules. */
export interface Answer {
  readonly kind: Kind;
  /** The faults with what was given to them, or the title of the odd input. */
  readonly what: string;
  readonly lab: LabKind;
  readonly verdict: Said['verdict'];
  /** Causes that the verdict names and that are there. */
  readonly found: readonly string[];
  /** Causes that are there, and named beside a right one as other faults: no packet shows that they stop it. */
  readonly asOthers: readonly string[];
  /** Causes and other faults that it does not name. */
  readonly missing: readonly string[];
  /** Causes that it names and that are not there, or are consequences. */
  readonly wrong: readonly string[];
  /** What it names as other faults and is not there, such as a consequence without its cause; not given: not judged. */
  readonly strays?: readonly string[];
  readonly seconds: number;
  /** Day on which it was asked, as 2026-01-31; not given: before days were kept. */
  readonly day?: string;
}

/** Returns what a verdict found, missed and got wrong. */
export function judged(
  said: Said,
  expected: ExpectedIds,
): Pick<Answer, 'verdict' | 'found' | 'asOthers' | 'missing' | 'wrong' | 'strays'> {
  const right = new Set([...expected.roots, ...expected.latent, ...expected.hidden]);
  const named = new Set([...said.roots, ...said.latent]);
  const found = said.roots.filter((id) => right.has(id));
  const notCauses = expected.roots.filter((id) => !said.roots.includes(id));
  const isOther = (id: string) => found.length > 0 && said.latent.includes(id);
  return {
    verdict: said.verdict,
    found,
    asOthers: notCauses.filter(isOther),
    missing: [...notCauses.filter((id) => !isOther(id)), ...expected.latent.filter((id) => !named.has(id))],
    wrong: said.roots.filter((id) => !right.has(id)),
    strays: said.latent.filter((id) => !right.has(id)),
  };
}

/** The same of many answers. */
export interface Score {
  readonly asked: number;
  /** Causes named as such, of those that are there; null: there are none. */
  readonly recall: number | null;
  /** The same with those that are named as other faults. */
  readonly named: number | null;
  /** Causes that are there, of those named; null: none is named. */
  readonly precision: number | null;
  readonly wrong: number;
  /** Verdicts `fault` where nothing is broken. */
  readonly falseAlarms: number;
  readonly inconclusive: number;
  /** The median. */
  readonly seconds: number;
}

/** Returns the score of the answers. @throws Error: there is no answer */
export function scoreOf(answers: readonly Answer[]): Score {
  const seconds = answers.map((one) => one.seconds).toSorted((a, b) => a - b)[Math.floor(answers.length / 2)];
  if (seconds === undefined) throw new Error('a score needs answers');
  const count = (of: (one: Answer) => number) => answers.reduce((sum, one) => sum + of(one), 0);
  const [found, asOthers, missing, wrong] = [
    count((one) => one.found.length),
    count((one) => one.asOthers.length),
    count((one) => one.missing.length),
    count((one) => one.wrong.length),
  ];
  const all = found + asOthers + missing;
  return {
    asked: answers.length,
    recall: all === 0 ? null : found / all,
    named: all === 0 ? null : (found + asOthers) / all,
    precision: found + wrong === 0 ? null : found / (found + wrong),
    wrong,
    falseAlarms: count(({ kind, verdict }) => Number(kind === 'healthy' && verdict === 'fault')),
    inconclusive: count(({ verdict }) => Number(verdict === 'inconclusive')),
    seconds,
  };
}
