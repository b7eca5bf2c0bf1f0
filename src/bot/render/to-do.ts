/** What to do, in the order that helps: what no button can do first, then the roots' fixes, then relief. */
import type { PlanState } from '../../model/fix.ts';
import type { Finding, Verdict } from '../../model/verdict.ts';
import { clip, escape } from './blocks.ts';
import { causeOf, type ShownPlan } from './run-state.ts';

const states: Readonly<Record<PlanState, string>> = {
  proposed: '', approved: ' :hourglass_flowing_sand: approved', applying: ' :hourglass_flowing_sand: being applied', verified: ' :white_check_mark: done', 'rolled-back': ' :leftwards_arrow_with_hook: taken back',
  failed: ' :x: failed', refused: ' :no_entry: refused', expired: ' :hourglass: expired', superseded: ' :heavy_check_mark: not needed any more', rejected: ' :no_entry_sign: rejected',
};

export function toDo(verdict: Verdict, plans: readonly ShownPlan[]): readonly string[] {
  const { roots, consequences, latent } = verdict;
  const fixOf = (finding: Finding) => plans.find(({ record: { plan } }) => plan.id === finding.fix?.plan);
  const order = (finding: Finding, why: string) => {
    const plan = fixOf(finding);
    return plan ? [approve(plan, why)] : byHand(finding);
  };
  const withoutButton = roots.filter((root) => !fixOf(root));
  const withButton = roots.filter((root) => fixOf(root));
  return [
    ...withoutButton.flatMap(byHand),
    ...withButton.flatMap((root) => order(root, '')),
    ...consequences.flatMap((finding) => {
      const plan = fixOf(finding);
      return plan ? [approve(plan, `: relief at once; it would follow by itself from mending “${clip(escape(causeOf(finding, verdict)), 200)}”`)] : [];
    }),
    ...latent.flatMap((finding) => order(finding, verdict.flow === 'works' ? ' (it does not stop this flow)' : '')),
  ];
}

function approve({ record: { plan, state } }: ShownPlan, why: string): string {
  return `${state === 'proposed' ? 'Approve ' : ''}*${clip(escape(plan.title), 300)}*${why}${states[state]}`;
}

function byHand({ advice, title }: Finding): readonly string[] {
  return advice ? [`Ask ${escape(advice.who)}: ${clip(escape(title), 300)}. The commands are in the thread.`] : [];
}
