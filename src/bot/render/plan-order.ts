/** In which order the fixes of one run help: it follows from cause and effect. */
import type { PlanState } from '../../model/fix.ts';
import type { Verdict } from '../../model/verdict.ts';
import { clipWords, rich, type Rich } from './rich.ts';
import type { RunState, ShownPlan } from './run-state.ts';

const stillToCome: readonly PlanState[] = ['proposed', 'approved', 'applying'];
const titleWords = 4;

/**
 * Returns which fix to approve before this one and which this one may spare, or that its cause stays; null where the
 * plan does not wait, or stands alone.
 */
export function orderWords(
  { record }: ShownPlan,
  { verdict, plans }: Pick<RunState, 'verdict' | 'plans'>,
): Rich | null {
  if (record.state !== 'proposed' || verdict === null) return null;
  const planFor = (finding: string) => plans.findLast((one) => one.record.plan.finding === finding)?.record;
  const causes = causesOf(record.plan.finding, verdict);
  const itsPlans = causes.map((cause) => planFor(cause)).filter((one) => one !== undefined);
  const first = itsPlans.find(({ state }) => stillToCome.includes(state));
  if (first) return rich`after “${clipWords(first.plan.title, titleWords)}”, which may be enough`;
  const done = itsPlans.find(({ state }) => state === 'verified');
  if (done) return rich`re-check first: “${clipWords(done.plan.title, titleWords)}” may have been enough`;
  const cause = allFindings(verdict).find(({ id }) => id === causes[0]);
  if (cause) return rich`quick relief; its cause stays: ${clipWords(cause.title, 2 * titleWords)}`;
  const spared = allFindings(verdict)
    .filter(({ id }) => causesOf(id, verdict).includes(record.plan.finding))
    .map(({ id }) => planFor(id))
    .filter((one) => one !== undefined && stillToCome.includes(one.state));
  const [one, ...more] = spared;
  if (!one) return null;
  const others = more.length > 0 ? ` and ${more.length} more` : '';
  return rich`first: it may make “${clipWords(one.plan.title, titleWords)}”${others} unnecessary`;
}

function allFindings({ roots, consequences, latent }: Verdict) {
  return [...roots, ...consequences, ...latent];
}

/** The findings that explain one, the nearest first. */
function causesOf(finding: string, { consequences }: Verdict): readonly string[] {
  const causes: string[] = [];
  for (let at: string | undefined = finding; at !== undefined;) {
    const cause: string | undefined = consequences.find(({ id }) => id === at)?.because.id;
    if (cause === undefined || cause === finding || causes.includes(cause)) break;
    causes.push(cause);
    at = cause;
  }
  return causes;
}
