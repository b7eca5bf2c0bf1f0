import { userInfo } from 'node:os';

/** Who works at the command line: the name given or the user's own, and the user id that the system vouches for. */
export function localPerson(name: string | null): string {
  const { username, uid } = userInfo();
  return `${name ?? username} (cli, uid ${uid})`;
}
