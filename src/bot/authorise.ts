import type { UserGroups } from '../model/thread.ts';

export interface AuthoriseDeps {
  /** Ids of users, ids of groups (`S…`), handles of groups (`@name`). */
  readonly approvers: readonly string[];
  readonly groups: UserGroups;
  readonly warn: (what: string, error: unknown) => void;
}

/** Whether a person may decide about fixes; `why` is told to that person alone. */
export type Permission = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

const none: readonly string[] = [];

export async function mayApprove({ approvers, groups, warn }: AuthoriseDeps, user: string): Promise<Permission> {
  if (approvers.length === 0) return { allowed: false, why: 'nobody is configured to approve fixes (APPROVERS is empty)' };
  if (approvers.includes(user)) return { allowed: true };
  const named = approvers.filter((approver) => !/^[UW]/.test(approver));
  let blind = false;
  const members = await Promise.all(named.map((group) => groups.members(group).catch((error: unknown) => {
    blind = true;
    warn(`who is in ${group} could not be looked up`, error);
    return none;
  })));
  if (members.some((group) => group.includes(user))) return { allowed: true };
  if (blind) return { allowed: false, why: 'who may approve could not be looked up just now: try again' };
  return { allowed: false, why: `only ${approvers.map(mention).join(', ')} may decide about fixes` };
}

function mention(approver: string): string {
  if (approver.startsWith('S')) return `<!subteam^${approver}>`;
  return approver.startsWith('@') ? approver : `<@${approver}>`;
}
