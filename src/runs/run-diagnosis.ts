import type { RunEventBody } from '../model/runs.ts';
import type { Verdict } from '../model/verdict.ts';
import type { FixDeps } from '../plans/apply-fix.ts';
import { cancelOnWish } from './cancel-run.ts';
import type { DiagnosisRequest } from '../jobs/catalogue.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';
import { diagnose, type DiagnoseRequest, type Emit } from '../engine/diagnose.ts';
import { makePlans } from '../plans/make-plans.ts';
import { unknownOfTarget } from './preflight.ts';
import { retirePlans } from '../plans/retire-plans.ts';
import { createTargetMemory } from './target-memory.ts';
import { tell } from './tell.ts';

/**
 * One run from its first event to its plans, each event stored before anything is told. A run that has ended is not
 * repeated when its job is delivered again; one that was cut off begins anew, and its later events take the place of
 * the earlier ones; one that was cut off between verdict and plans gets its plans.
 * @returns the verdict, or null when the run had ended already, was cancelled or failed (its events say which).
 */
export async function runDiagnosis(deps: FixDeps, { run, target, requester, origin, alert }: DiagnosisRequest, signal: AbortSignal = new AbortController().signal): Promise<Verdict | null> {
  const before = await deps.store.events(run);
  const known = before.findLast((event) => event.type === 'verdict')?.verdict ?? null;
  if (before.some(({ type }) => type === 'failed' || type === 'cancelled') || (known && !lacksPlans(known))) return null;
  const emit = (event: RunEventBody) => tell(deps, run, event);
  if (!before.some(({ type }) => type === 'started')) await emit({ type: 'started', target, requester, origin });
  if (alert && !before.some((event) => event.type === 'alert' && event.status === 'firing')) await emit({ type: 'alert', alert, status: 'firing' });

  const cancelling = cancelOnWish(deps, run, signal);
  try {
    const access = await deps.open(target.cluster);
    try {
      const unknown = known ? null : await unknownOfTarget(access.cluster, target);
      if (unknown) {
        await emit({ type: 'failed', ...unknown, next: 'Nothing ran. Check the name, then ask again.' });
        return null;
      }
      const verdict = known ?? (await look(deps, access, { run, target }, emit, cancelling.signal));
      if (cancelling.signal.aborted) return null;
      const planned = await makePlans(deps, access, verdict, { target, requester });
      if (lacksPlans(verdict)) await emit({ type: 'verdict', verdict: planned });
      await retirePlans(deps, target, planned);
      return planned;
    } finally {
      await access.close();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    deps.warn(`run ${run} failed`, error);
    await emit({ type: 'failed', code: 'internal', message: error instanceof Error ? error.message : String(error), next: 'Run the diagnosis again.' });
    return null;
  } finally {
    cancelling.stop();
  }
}

function look(deps: FixDeps, access: ClusterAccess, request: DiagnoseRequest, emit: Emit, signal: AbortSignal): Promise<Verdict> {
  const engine = { probes: deps.probes, computed: deps.computed, rules: deps.rules, cluster: access.cluster, shells: access.shells, clock: deps.clock, calicoNamespaces: access.calicoNamespaces, memory: createTargetMemory(deps, request.target.cluster) };
  // What comes after a cancellation would be told as if it were known.
  return diagnose(engine, request, async (event) => (signal.aborted ? undefined : emit(event)), signal);
}

function lacksPlans({ roots, consequences, latent }: Verdict): boolean {
  return [...roots, ...consequences, ...latent].some(({ fix }) => fix !== null && fix.plan === null);
}
