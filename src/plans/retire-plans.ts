import type { Target } from '../model/target.ts';
import type { Verdict } from '../model/verdict.ts';
import { movePlan, type PlanDeps } from './plan-record.ts';
import { planProblem } from './signed-plan.ts';

/**
 * Supersedes the plans that wait for a click although what they are for is gone: a later diagnosis of the same pod
 * found that their rule passes now (the controller was faster, or somebody fixed it by hand).
 */
export async function retirePlans(
  deps: PlanDeps,
  { cluster, namespace, pod }: Target,
  verdict: Verdict,
): Promise<void> {
  const passed = new Map([...verdict.ruledOut, ...verdict.notFound].map(({ rule, by }) => [rule, by]));
  for (const record of await deps.store.plans()) {
    const { plan, state } = record;
    const by = passed.get(plan.rule);
    if (state !== 'proposed' || by === undefined || plan.cluster !== cluster) continue;
    if (plan.target.namespace !== namespace || plan.target.pod !== pod) continue;
    if (planProblem(deps.seals, record) !== null) continue;
    await movePlan(deps, plan.id, ['proposed'], {
      to: 'superseded',
      change: { reason: `no longer needed: ${by}` },
      by: 'calico-chatops',
      note: `No longer needed: ${by}.`,
    });
  }
}
