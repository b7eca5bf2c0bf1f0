import type { RunSurface } from '../runs/surface.ts';
import { forCluster, mayApprove, type AuthoriseDeps } from './authorise.ts';
import { codeWords, rich, wordsWithPeople, type Rich } from './render/rich.ts';

export interface CancelDeps extends AuthoriseDeps {
  readonly runs: RunSurface;
}

/**
 * Cancels a run for the person who asked for it, or for an approver.
 * @returns what to tell the person, or null where the thread says it
 */
export async function cancelFor(deps: CancelDeps, run: string, user: string): Promise<Rich | null> {
  const started = (await deps.runs.events(run)).find((event) => event.type === 'started');
  if (!started) return notStarted(run);
  if (started.requester !== user) {
    const permission = await mayApprove(forCluster(deps, started.target.cluster), user);
    if (!permission.allowed) {
      const reason = wordsWithPeople(permission.why);
      const why = rich`only the person who asked for it and approvers may cancel it (${reason})`;
      return permission.retry ? rich`:warning: Not cancelled: ${why}. Try again.` : rich`:lock: Not cancelled: ${why}.`;
    }
  }
  const done = await deps.runs.cancel(run, user);
  if (done === 'unknown') return notStarted(run);
  return done === 'ended' ? rich`The run ${codeWords(run)} has ended already.` : null;
}

function notStarted(run: string): Rich {
  return rich`I know no run ${codeWords(run)} that has started. If you asked for it just now, try again in a moment.`;
}
