import { userInfo } from 'node:os';
import type { Approver } from '../model/approval.ts';

/** Who works at the command line: the name given or the user's own, and the user id that the system vouches for. */
export function localPerson(name: string | null): string {
  const { username, uid } = userInfo();
  return `${name ?? username} (cli, uid ${uid})`;
}

/** The same person as one who decides here. */
export function localApprover(name: string | null): Approver {
  return { name: localPerson(name), via: { kind: 'cli', uid: userInfo().uid } };
}
