import type { Screens } from '../model/thread.ts';
import { mayApprove, type AuthoriseDeps } from './authorise.ts';
import { homeView } from './render/home-view.ts';
import { waits } from './render/listings.ts';
import { readStatus, type StatusDeps } from './status.ts';
import { failureText } from './render/answers.ts';
import { failedHomeView } from './render/home-view.ts';

export interface HomeDeps extends AuthoriseDeps, Omit<StatusDeps, 'approvers'> {
  readonly screens: Screens;
}

const looked = 20;
const shown = 6;

/** Publishes the Home tab of a person who opened it. Never rejects. */
export async function showHome(deps: HomeDeps, user: string): Promise<void> {
  try {
    await deps.screens.publish(user, await viewOf(deps, user));
  } catch (error) {
    deps.warn(`the Home tab of ${user} could not be published`, error);
  }
}

async function viewOf(deps: HomeDeps, user: string) {
  try {
    const [status, recent, records, permission] = await Promise.all([
      readStatus(deps),
      deps.runs.recent(looked),
      deps.plans.list(),
      mayApprove(deps, user),
    ]);
    const now = deps.clock.now();
    return homeView({
      status,
      mine: recent.filter(({ requester }) => requester === user).slice(0, shown),
      waiting: permission.allowed ? records.filter((record) => waits(record, now)).slice(0, shown) : null,
      now,
    });
  } catch (error) {
    deps.warn(`the Home tab of ${user} is not complete`, error);
    return failedHomeView(failureText(error, 'Not read'));
  }
}
