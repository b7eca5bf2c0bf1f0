/** Which workspace a delivery is for: an app that is installed in further ones gets theirs, too, signed alike. */
import { z } from 'zod';

export interface OwnTeam {
  readonly team: string | null;
  /** Of Enterprise Grid; null: the workspace is in none. */
  readonly organisation: string | null;
}

const id = z.string().min(1).nullish().catch(null);
const one = z.object({ id }).nullish().catch(null);
const installation = z.object({ team_id: id, enterprise_id: id });
const delivery = z.object({
  ...installation.shape,
  context_team_id: id,
  context_enterprise_id: id,
  authorizations: z.array(installation).nullish().catch(null),
  team: one,
  enterprise: one,
  message: z.object({ team: id }).nullish().catch(null),
  view: z.object({ app_installed_team_id: id }).nullish().catch(null),
});

/**
 * Returns whether all that a delivery says of where the app is installed is elsewhere. In a channel that is shared with
 * another organisation the person is of another workspace, and the installation is ours: the person is not compared.
 * Other workspaces of one's own organisation are not others: an org-wide installation serves all of them.
 */
export function isElsewhere(body: unknown, { team, organisation }: OwnTeam): boolean {
  const found = delivery.safeParse(body).data;
  if (!found || (team === null && organisation === null)) return false;
  const installed = [
    ...(found.authorizations ?? []).flatMap((given) => [given.team_id, given.enterprise_id]),
    found.context_team_id,
    found.context_enterprise_id,
    found.view?.app_installed_team_id,
    found.message?.team,
  ].filter((given) => typeof given === 'string');
  const happened = [found.team_id, found.enterprise_id, found.team?.id, found.enterprise?.id].filter(
    (given) => typeof given === 'string',
  );
  const isOurs = (given: string) => given === team || given === organisation;
  return [...installed, ...happened].length > 0 && !installed.some(isOurs) && !happened.some(isOurs);
}
