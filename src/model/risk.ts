/** What the risk of a fix says, from the smallest to the largest: one scale for cards, dialogs and the command line. */
import type { FixPlan } from './fix.ts';

export type Risk = FixPlan['risk'];

export const riskScale: readonly { readonly risk: Risk; readonly meaning: string }[] = [
  { risk: 'low', meaning: 'changes only what is broken' },
  { risk: 'medium', meaning: "reaches more pods, rights or Calico's own programs: other flows may open or close" },
  { risk: 'high', meaning: 'flows that work now may stop' },
];

/** Returns the place of a risk on the scale, such as `medium (2/3)`. */
export function riskPlace(risk: Risk): string {
  return `${risk} (${riskScale.findIndex((one) => one.risk === risk) + 1}/${riskScale.length})`;
}

/** Returns what a risk means, behind its place: `medium (2/3), …`. */
export function riskMeaning(risk: Risk): string {
  return `${riskPlace(risk)}, ${riskScale.find((one) => one.risk === risk)?.meaning ?? ''}`;
}

/** Returns the whole scale in one line. */
export function riskScaleWords(): string {
  return `${riskScale.map(({ risk, meaning }) => `${risk} = ${meaning}`).join('. ')}.`;
}
