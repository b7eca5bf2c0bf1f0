/** What to do, in the order that helps: what no button can do first, then the roots' fixes, then relief. */
import type { PlanState } from '../../model/fix.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { bold, clip, clipWords, codeWords, countWords, nothing, rich, type Rich } from './rich.ts';
import type { ShownPlan } from './run-state.ts';

const states: Readonly<Record<PlanState, Rich>> = {
  proposed: nothing,
  approved: rich` :hourglass_flowing_sand: approved`,
  applying: rich` :hourglass_flowing_sand: applying`,
  verified: rich` :white_check_mark: verified`,
  'rolled-back': rich` :leftwards_arrow_with_hook: rolled back`,
  failed: rich` :x: failed`,
  refused: rich` :no_entry: refused`,
  expired: rich` :hourglass: expired`,
  superseded: rich` :heavy_check_mark: no longer needed`,
  rejected: rich` :no_entry_sign: rejected`,
};
/** A command that is longer is shown with the evidence, whole. */
const longestCommand = { words: 12, characters: 140 } as const;

export interface ToDo {
  readonly text: Rich;
  /** The plan that it asks to approve; null: a person does it by hand. */
  readonly plan: ShownPlan | null;
}

export function toDo(verdict: Verdict, plans: readonly ShownPlan[]): readonly ToDo[] {
  const { roots, consequences, latent } = verdict;
  const several = roots.length > 1;
  const order = (finding: Finding, why: Rich): readonly ToDo[] => {
    const plan = plans.find(({ record }) => record.plan.id === finding.fix?.plan);
    if (plan) return [{ text: approve(plan, why), plan }];
    const number = several ? roots.indexOf(finding) + 1 : 0;
    return finding.advice ? [{ text: byHand(finding, finding.advice, number), plan: null }] : [];
  };
  const orders = roots.flatMap((root) => order(root, nothing));
  return [
    ...orders.filter(({ plan }) => plan === null),
    ...orders.filter(({ plan }) => plan !== null),
    ...consequences.flatMap((finding) => order(finding, rich` (quick relief)`).filter(({ plan }) => plan !== null)),
    ...latent.flatMap((finding) =>
      order(finding, verdict.flow === 'works' ? rich` (it does not stop this flow)` : nothing),
    ),
  ];
}

function approve({ record: { plan, state } }: ShownPlan, why: Rich): Rich {
  const title = bold(clipWords(plan.title, 10));
  return rich`${state === 'proposed' ? rich`Approve ` : nothing}${title}${why}${states[state]}`;
}

/** @param number of the cause where there are several; 0: there is one */
function byHand({ title }: Finding, { who, commands }: NonNullable<Finding['advice']>, number: number): Rich {
  const command = commands[0]?.split(' #')[0]?.trim() ?? '';
  const cause = number > 0 ? rich` (cause ${number})` : nothing;
  const isShort = countWords(command) <= longestCommand.words && command.length <= longestCommand.characters;
  const what = command !== '' && isShort ? codeWords(command) : clipWords(title, 12);
  return rich`Ask ${clipWords(clip(who, 120), 8)}${cause}: ${what}`;
}
