import type { Approvable, AskPermission, Permission } from '../model/approval.ts';
import type { UserGroups } from '../model/thread.ts';

export interface AuthoriseDeps {
  /** Ids of users, ids of groups (`S…`), handles of groups (`@name`). */
  readonly approvers: readonly string[];
  /** Approvers of each cluster, where there are several. */
  readonly approversOf?: ReadonlyMap<string, readonly string[]>;
  /** Further approvers of a namespace of a cluster, for fixes that change the traffic of its pods alone. */
  readonly namespaceApprovers?: (cluster: string, namespace: string) => readonly string[];
  readonly groups: UserGroups;
  readonly warn: (what: string, error: unknown) => void;
}

/** Returns the same deps with the approvers of a cluster; null: what is asked about has no cluster. */
export function forCluster<D extends AuthoriseDeps>(deps: D, cluster: string | null): D {
  const own = cluster === null ? undefined : deps.approversOf?.get(cluster);
  return own === undefined ? deps : { ...deps, approvers: own };
}

/** Returns the same deps with the approvers of a plan; null: it is not known. */
export function forPlan<D extends AuthoriseDeps>(deps: D, plan: Approvable | null): D {
  const ofCluster = forCluster(deps, plan?.cluster ?? null);
  const namespace = plan?.touches?.namespace;
  const further = plan && namespace ? (deps.namespaceApprovers?.(plan.cluster, namespace) ?? []) : [];
  return further.length === 0 ? ofCluster : { ...ofCluster, approvers: [...ofCluster.approvers, ...further] };
}

/** A group's members as they were read at most so long ago are enough to refuse, never to allow. */
const refusalMs = 60_000;

/**
 * Whether a person may decide about fixes; `why` is told to that person alone. A person who is allowed as a member of a
 * group is a member now: the group was read for this question.
 */
export async function mayApprove({ approvers, groups, warn }: AuthoriseDeps, user: string): Promise<Permission> {
  if (approvers.length === 0)
    return { allowed: false, why: 'nobody is configured to approve fixes (APPROVERS is empty)', retry: false };
  if (approvers.includes(user)) return { allowed: true };
  const named = approvers.filter((approver) => !/^[UW]/.test(approver));
  let blind = false;
  const holding = async (among: readonly string[], atMostMs: number) => {
    const found = await Promise.all(
      among.map((group) =>
        groups.members(group, atMostMs).then(
          (members) => members.includes(user),
          (error: unknown) => {
            blind = true;
            warn(`the members of ${group} could not be read`, error);
            return false;
          },
        ),
      ),
    );
    return among.filter((_, index) => found[index]);
  };
  const now = await holding(await holding(named, refusalMs), 0);
  if (now.length > 0) return { allowed: true };
  if (blind) return { allowed: false, why: 'Slack did not answer who may approve', retry: true };
  return { allowed: false, why: `only ${approvers.map(mention).join(', ')} may decide about fixes`, retry: false };
}

/**
 * The same for an approval that is about to be used. A person at the command line proved the right by the key with
 * which the approval is signed.
 */
export function permissionNow(deps: AuthoriseDeps): AskPermission {
  return async ({ name, via }, about) =>
    via.kind === 'cli' ? { allowed: true } : mayApprove(forPlan(deps, about), name);
}

function mention(approver: string): string {
  if (approver.startsWith('S')) return `<!subteam^${approver}>`;
  return approver.startsWith('@') ? approver : `<@${approver}>`;
}
