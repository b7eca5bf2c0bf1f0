/** Returns the port in a reason that begins with `NODE (ADDRESS:PORT)`; 22 where it names none. */
export function sshPortIn(reason: string): string {
  return /^[^()]{0,300}\([^()]{0,300}:(\d{1,5})\)/.exec(reason)?.[1] ?? '22';
}

/** Returns the address in such a reason; null where it names none. */
export function sshAddressIn(reason: string): string | null {
  return /^[^()]{0,300}\((\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}:[\da-f:.]{1,41}):\d{1,5}\)/i.exec(reason)?.[1] ?? null;
}

/** Returns the bastion that tried to reach the node, as such a reason names it; null: the bot itself did. */
export function bastionIn(reason: string): string | null {
  return /: the bastion (\S{1,253}) (?:has|opens) no /.exec(reason)?.[1] ?? null;
}
