/** What to do, in the order that helps: what no button can do first, then the roots' fixes, then relief. */
import type { PlanState } from '../../model/fix.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { bold, clip, nothing, rich, type Rich } from './rich.ts';
import { causeOf, type ShownPlan } from './run-state.ts';

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

export function toDo(verdict: Verdict, plans: readonly ShownPlan[]): readonly Rich[] {
  const { roots, consequences, latent } = verdict;
  const fixOf = (finding: Finding) => plans.find(({ record: { plan } }) => plan.id === finding.fix?.plan);
  const order = (finding: Finding, why: Rich) => {
    const plan = fixOf(finding);
    return plan ? [approve(plan, why)] : byHand(finding);
  };
  const withoutButton = roots.filter((root) => !fixOf(root));
  const withButton = roots.filter((root) => fixOf(root));
  return [
    ...withoutButton.flatMap(byHand),
    ...withButton.flatMap((root) => order(root, nothing)),
    ...consequences.flatMap((finding) => {
      const plan = fixOf(finding);
      return plan
        ? [
            approve(
              plan,
              rich`: quick relief; also recovers by itself once “${clip(causeOf(finding, verdict), 200)}” is fixed`,
            ),
          ]
        : [];
    }),
    ...latent.flatMap((finding) =>
      order(finding, verdict.flow === 'works' ? rich` (it does not stop this flow)` : nothing),
    ),
  ];
}

function approve({ record: { plan, state } }: ShownPlan, why: Rich): Rich {
  return rich`${state === 'proposed' ? rich`Approve ` : nothing}${bold(clip(plan.title, 300))}${why}${states[state]}`;
}

function byHand({ advice, title }: Finding): readonly Rich[] {
  return advice ? [rich`Ask ${clip(advice.who, 300)}: ${clip(title, 300)}. See the thread for commands.`] : [];
}
