import type { PlanRecord } from '../model/fix.ts';

/** A plan in one line. */
export function planLine({ plan, state, reason }: PlanRecord): string {
  return `${plan.id}  ${state}  ${plan.title}${reason ? `: ${reason}` : ''}\n`;
}

/** A plan with all that somebody should know before approving it. */
export function planText({ plan, state, reason, requester, approver, updatedAt }: PlanRecord): string {
  return [
    `${plan.title} (${plan.id})`,
    `  ${plan.reason}`,
    `  state: ${state} since ${updatedAt}${reason ? `: ${reason}` : ''}`,
    `  asked by ${requester}${approver ? `, approved by ${approver}` : ''}, valid until ${plan.expiresAt}`,
    `  what it touches: ${plan.blastRadius} (risk: ${plan.risk})`,
    `  way back: ${plan.rollback.kind}, ${plan.rollback.description}`,
    '  steps:',
    ...plan.steps.flatMap(({ description, command, node }) => [`    ${description}`, ...indented(`${node ? `${node}$ ` : ''}${command}`)]),
    '  change:',
    ...indented(plan.diff),
    '  holds only while:',
    ...plan.preconditions.map(({ description, value }) => `    ${description}: ${value}`),
    `  healed when ${plan.verify.rule} no longer holds, within ${plan.verify.withinSeconds} s`,
    '  watched before and after, and taken back where it got worse:',
    ...plan.controls.map(({ watches }) => `    ${watches}`),
    '',
  ].join('\n');
}

function indented(text: string): readonly string[] {
  return text.trimEnd().split('\n').map((line) => `    ${line}`);
}
