import type { Screens } from '../model/thread.ts';
import { forCluster, mayApprove, type AuthoriseDeps } from './authorise.ts';
import { homeView } from './render/home-view.ts';
import { waits } from './render/listings.ts';
import { readStatus, type StatusDeps } from './status.ts';
import { threadLinks, type LinkDeps } from './thread-links.ts';
import { failureText } from './render/answers.ts';
import { failedHomeView } from './render/home-view.ts';

export interface HomeDeps extends AuthoriseDeps, LinkDeps, Omit<StatusDeps, 'approvers'> {
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
    const [status, recent, records] = await Promise.all([
      readStatus(deps),
      deps.runs.recent(looked),
      deps.plans.list(),
    ]);
    const now = deps.clock.now();
    const own = await approvedBy(deps, user);
    const mine = recent.filter(({ requester }) => requester === user).slice(0, shown);
    const waiting = own && records.filter((record) => own(record.plan.cluster) && waits(record, now)).slice(0, shown);
    const runs = [...mine.map(({ run }) => run), ...(waiting ?? []).map(({ plan }) => plan.run)];
    return homeView({ status, mine, waiting, now, links: await threadLinks(deps, runs) });
  } catch (error) {
    deps.warn(`the Home tab of ${user} is not complete`, error);
    return failedHomeView(failureText(error, 'Not read'));
  }
}

/** Returns whose fixes a person may approve, by cluster; null: nobody's. */
async function approvedBy(deps: HomeDeps, user: string): Promise<((cluster: string) => boolean) | null> {
  const named = [...(deps.approversOf?.keys() ?? [])];
  if (named.length === 0) return (await mayApprove(deps, user)).allowed ? () => true : null;
  const allowed = await Promise.all(named.map(async (one) => (await mayApprove(forCluster(deps, one), user)).allowed));
  const own = new Set(named.filter((_, at) => allowed[at]));
  return own.size === 0 ? null : (cluster) => own.has(cluster);
}
