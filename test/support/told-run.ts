import { createOwnStore } from '../../src/cli/own-store.ts';
import { diagnose, type DiagnoseDeps, type DiagnoseRequest } from '../../src/engine/diagnose.ts';
import type { CleanEvent } from '../../src/model/runs.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { tell } from '../../src/runs/tell.ts';

/** Diagnoses, and returns all that a run tells of it as the store has it, the verdict last. */
export async function toldRun(
  engine: DiagnoseDeps,
  request: DiagnoseRequest,
): Promise<{ readonly verdict: Verdict; readonly events: readonly CleanEvent[] }> {
  const store = createOwnStore(Promise.resolve(null), () => undefined);
  const deps = { store, clock: engine.clock, queues: null, warn: () => undefined };
  const verdict = await diagnose(engine, request, async (event) => void (await tell(deps, request.run, event)));
  const told = await tell(deps, request.run, { type: 'verdict', verdict });
  return { verdict: told.verdict, events: await store.events(request.run) };
}
