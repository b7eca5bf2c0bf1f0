import type { PlanRecord } from '../model/fix.ts';
import { riskMeaning } from '../model/risk.ts';
import { line, marked } from './plain-output.ts';

/** A plan in one line. */
export function planLine({ plan, state, reason }: PlanRecord): string {
  return line`${plan.id}  ${state}  ${plan.title}${reason ? `: ${reason}` : ''}\n`;
}

/** A plan with all that somebody should know before approving it. */
export function planText({ plan, state, reason, requester, approver, first, updatedAt }: PlanRecord): string {
  const approvers = [first?.approval.approver, approver].filter((name) => name).join(' and ');
  return [
    line`${plan.title} (${plan.id})`,
    line`  ${plan.reason}`,
    line`  state: ${state} since ${updatedAt}${reason ? `: ${reason}` : ''}`,
    line`  asked by ${requester}${approver ? `, approved by ${approvers}` : ''}, valid until ${plan.expiresAt}`,
    line`  affects: ${plan.blastRadius}`,
    line`  risk: ${riskMeaning(plan.risk)}`,
    ...(plan.during
      ? [line`  takes: up to ${plan.during.seconds} s, then its verify; traffic: ${plan.during.traffic}`]
      : []),
    ...(plan.approvals === 2 ? [line`  two people must approve it`] : []),
    ...(plan.changed ? [line`  last change: ${plan.changed.object}, by ${plan.changed.by} at ${plan.changed.at}`] : []),
    ...(plan.rehearsed ? [line`  dry run: the API server accepted it at ${plan.createdAt}`] : []),
    line`  rollback: ${plan.rollback.kind}, ${plan.rollback.description}`,
    '  steps:',
    ...plan.steps.flatMap(({ description, command, node }) => [
      line`    ${description}`,
      ...indented(`${node ? line`${node}$ ` : ''}${command}`),
    ]),
    '  change:',
    ...indented(plan.diff),
    '  applies only while:',
    ...plan.preconditions.map(({ description, value }) => line`    ${description}: ${value}`),
    line`  verified if ${plan.verify.rule} passes within ${plan.verify.withinSeconds} s`,
    '  watched before and after, and rolled back where it got worse:',
    ...plan.controls.map(({ watches, notWatched }) =>
      notWatched === null ? line`    ${watches}` : line`    not watched: ${watches} (${notWatched})`,
    ),
    '',
  ].join('\n');
}

function indented(text: string): readonly string[] {
  return marked('    ', text.trimEnd());
}
