import { abandonPlan } from './apply-fix.ts';
import type { TellDeps } from './tell.ts';

/** Beside the time that a plan may verify for: what applying and rolling back take at most. */
const marginMs = 5 * 60_000;

/**
 * Settles plans that have been applying for longer than they could: their process is gone. For the start of a program;
 * a worker's lost job settles its plan by itself.
 */
export async function abandonStalePlans(deps: TellDeps): Promise<void> {
  const now = deps.clock.now().getTime();
  for (const { plan, state, updatedAt } of await deps.store.plans()) {
    if (state === 'applying' && now > Date.parse(updatedAt) + plan.verify.withinSeconds * 1000 + marginMs) await abandonPlan(deps, plan.id);
  }
}
