/** A whole plan in a dialog, for the approver who has thirty seconds and wants all of it. */
import type { FixPlan, PlanRecord } from '../../model/fix.ts';
import { riskPlace, riskScaleWords } from '../../model/risk.ts';
import type { MessageBlock, ScreenView } from '../../model/thread.ts';
import { context, section } from './blocks.ts';
import { actsAs, changedWords, planMark, podsTouched, takesWords } from './plan-words.ts';
import { bold, clip, clockTime, codeWords, join, nothing, ofOthers, person, rich, type Rich } from './rich.ts';
import type { ShownPlan } from './run-state.ts';
import { codeBlocks, modal } from './views.ts';

export const reviewView = 'review_fix';

/**
 * @param metadata comes back with the submission: where the plan is told
 * @param order as `orderWords` has it
 */
export function planView(
  { record, note }: Pick<ShownPlan, 'record' | 'note'>,
  metadata: string,
  order: Rich | null = null,
): ScreenView {
  const { plan, state } = record;
  const isOpen = state === 'proposed';
  return modal({
    callback: reviewView,
    title: isOpen ? 'Review fix' : 'Fix',
    submit: isOpen ? 'Approve' : null,
    metadata,
    blocks: [
      section(rich`${planMark(record)} ${bold(clip(plan.title, 300))}\n${clip(plan.reason, 1500)}`),
      ...(note ? [section(clip(note, 800))] : []),
      context(rich`Change`),
      ...codeBlocks(plan.diff),
      section(join(facts(record, order), rich`\n`)),
      context(rich`Steps`),
      ...codeBlocks(stepsText(plan)),
      ...conditionBlocks(plan),
      ...controlBlocks(plan),
      section(verifyWords(plan)),
      context(
        rich`plan ${codeWords(plan.id)} · digest ${codeWords(clip(plan.digest, 80))} · run ${codeWords(plan.run)}`,
      ),
    ],
  });
}

function facts({ plan, requester, first }: PlanRecord, order: Rich | null): readonly Rich[] {
  const { cluster, target, blastRadius, risk, rollback, owner, rehearsed, createdAt } = plan;
  const [pods, takes, changed] = [podsTouched(plan), takesWords(plan), changedWords(plan)];
  return [
    rich`${bold('Cluster:')} ${clip(cluster, 100)}`,
    rich`${bold('For:')} ${clip(`${target.namespace}/${target.pod}`, 320)}, asked by ${person(requester)}`,
    rich`${bold('Acts on:')} ${actsAs(plan)}`,
    ...(pods ? [rich`${bold('Pods:')} ${pods}`] : []),
    rich`${bold('Affects:')} ${clip(blastRadius, 900)}`,
    ...(takes ? [rich`${bold('Takes:')} ${takes}`] : []),
    rich`${bold('Risk:')} ${riskPlace(risk)}. ${riskScaleWords()}`,
    rich`${bold('Undo:')} ${rollback.kind}. ${clip(rollback.description, 600)}`,
    rich`${bold('Applied again by:')} ${owner ? clip(owner, 200) : 'nobody, as far as its labels say'}`,
    ...(changed ? [rich`${bold('Last change:')} ${changed}`] : []),
    ...(rehearsed ? [rich`${bold('Dry run:')} the API server accepted it at ${clockTime(createdAt)}`] : []),
    ...(order ? [rich`${bold('Order:')} ${order}`] : []),
    ...(plan.approvals === 2 || first
      ? [rich`${bold('Approvals:')} two people${first ? rich`; ${person(first.approval.approver)} approved` : nothing}`]
      : []),
  ];
}

function stepsText({ steps }: FixPlan): string {
  return steps
    .map(({ description, command, node }) => `# ${ofOthers(`${description}${node ? ` (${node})` : ''}`)}\n${command}`)
    .join('\n\n');
}

function conditionBlocks({ preconditions, createdAt }: FixPlan): readonly MessageBlock[] {
  if (preconditions.length === 0) return [];
  const lines = preconditions.map(
    ({ description, value }) => rich`• ${clip(description, 200)}: ${codeWords(clip(value, 200))}`,
  );
  return [
    section(rich`${bold('Applies only while')}, as checked at ${clockTime(createdAt)}`),
    ...lines.slice(0, 12).map((line) => section(line)),
  ];
}

function controlBlocks({ controls }: FixPlan): readonly MessageBlock[] {
  const lines = controls
    .slice(0, 8)
    .map(({ watches, notWatched }) =>
      notWatched === null
        ? rich`• watched: ${clip(watches, 200)}`
        : rich`• not watched: ${clip(watches, 200)} (${clip(notWatched, 200)})`,
    );
  return lines.length === 0 ? [] : [section(join([bold('Before and after'), ...lines], rich`\n`))];
}

function verifyWords({ verify, expiresAt }: FixPlan): Rich {
  const passes = rich`${codeWords(verify.rule)} passes within ${verify.withinSeconds} s`;
  const condition = rich`${bold('Verified')} if ${passes} and no watched flow gets worse.`;
  const nobody = rich`If nobody acts, nothing changes. The offer ends at ${clockTime(expiresAt)}.`;
  return rich`${condition} Otherwise rolled back, if possible. ${nobody}`;
}
