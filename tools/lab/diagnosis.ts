import type { Verdict } from '../../src/model/verdict.ts';
import type { Judgement } from './faults/fault.ts';
import { labCommand } from './lab-command.ts';
import { askResident } from './operations/resident.ts';
import type { Result } from './run.ts';

interface Diagnosis {
  readonly result: Result;
  readonly verdict: Verdict;
}

function diagnosisOf(result: Result): Diagnosis {
  if (result.stdout.trim() === '') throw new Error(`no verdict, exit ${result.status}: ${result.stderr}`);
  return { result, verdict: JSON.parse(result.stdout) };
}

/** `calico-chatops diagnose … --json` in the operations namespace of a lab, in the process that stays there. */
export async function diagnose(name: string, ...rest: string[]): Promise<Diagnosis> {
  return diagnosisOf(await askResident(name, ['diagnose', ...rest, '--json']));
}

/** The same as people start it: in a process of its own. */
export async function startDiagnosis(name: string, ...rest: string[]): Promise<Diagnosis> {
  return diagnosisOf(await labCommand(name)('ops', '--', 'calico-chatops', 'diagnose', ...rest, '--json'));
}

function ids(findings: readonly { readonly rule: string }[]): string[] {
  return [...new Set(findings.map(({ rule }) => rule))].toSorted();
}

/** Rule ids in the order of the alphabet. */
export interface Said {
  readonly verdict: string;
  readonly roots: string[];
  readonly consequences: string[];
  readonly latent: string[];
}

/** What a verdict says, by rule ids, each once. */
export function saidBy(verdict: Verdict): Said {
  return {
    verdict: verdict.verdict,
    roots: ids(verdict.roots),
    consequences: ids(verdict.consequences),
    latent: ids(verdict.latent),
  };
}

/** What a verdict must say, in the same form. */
export function expectedOf({ verdict, roots, consequences, latent }: Judgement): Said {
  return {
    verdict,
    roots: roots.toSorted(),
    consequences: consequences.toSorted(),
    latent: latent.toSorted(),
  };
}

/** Fixes offered in a verdict, by id. */
export function offeredFixes(verdict: Verdict): string[] {
  return [...verdict.roots, ...verdict.consequences, ...verdict.latent].flatMap(({ fix }) => (fix ? [fix.id] : []));
}
