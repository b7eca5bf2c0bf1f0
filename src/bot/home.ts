import type { Screens } from '../model/thread.ts';
import type { Approvable } from '../model/approval.ts';
import type { PlanRecord } from '../model/fix.ts';
import { forPlan, mayApprove, type AuthoriseDeps } from './authorise.ts';
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
    const open = records.filter((record) => waits(record, now));
    const own = await approvedBy(deps, user, open);
    const mine = recent.filter(({ requester }) => requester === user).slice(0, shown);
    const waiting = own && own.slice(0, shown);
    const runs = [...mine.map(({ run }) => run), ...(waiting ?? []).map(({ plan }) => plan.run)];
    return homeView({ status, mine, waiting, now, links: await threadLinks(deps, runs) });
  } catch (error) {
    deps.warn(`the Home tab of ${user} is not complete`, error);
    return failedHomeView(failureText(error, 'Not read'));
  }
}

/** Returns the plans that a person may approve; null: the person approves nothing, whatever waits. */
async function approvedBy(
  deps: HomeDeps,
  user: string,
  open: readonly PlanRecord[],
): Promise<readonly PlanRecord[] | null> {
  const isAllowed = async (about: Approvable | null) => (await mayApprove(forPlan(deps, about), user)).allowed;
  const named = [...(deps.approversOf?.keys() ?? [])];
  const everywhere = named.length === 0 ? [null] : named.map((cluster) => ({ cluster }));
  const lists = new Map(open.map(({ plan }) => [listOf(plan), plan]));
  const [ofClusters, ofPlans] = await Promise.all([
    Promise.all(everywhere.map(isAllowed)),
    Promise.all([...lists].map(async ([list, plan]) => ((await isAllowed(plan)) ? [list] : []))),
  ]);
  const own = new Set(ofPlans.flat());
  const theirs = open.filter(({ plan }) => own.has(listOf(plan)));
  return theirs.length === 0 && !ofClusters.includes(true) ? null : theirs;
}

/** Plans of one list have the same approvers. */
function listOf({ cluster, touches }: Approvable): string {
  return JSON.stringify([cluster, touches?.namespace ?? null]);
}
