import type { RunPlans } from '../model/run-plans.ts';
import { makePlans, type MakePlansDeps } from './make-plans.ts';
import { retirePlans } from './retire-plans.ts';

/** Returns what the life of a run needs of the life of plans. */
export function createRunPlans(deps: MakePlansDeps): RunPlans {
  return {
    offer: (access, verdict, asked) => makePlans(deps, access, verdict, asked),
    retire: (target, verdict) => retirePlans(deps, target, verdict),
  };
}
