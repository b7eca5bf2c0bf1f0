/** Returns the port in a reason that begins with `NODE (ADDRESS:PORT)`; 22 where it names none. */
export function sshPortIn(reason: string): string {
  return /^[^()]{0,300}\([^()]{0,300}:(\d{1,5})\)/.exec(reason)?.[1] ?? '22';
}

/** Returns the IPv4 address in such a reason; null where it names none. */
export function sshAddressIn(reason: string): string | null {
  return /^[^()]{0,300}\((\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}\)/.exec(reason)?.[1] ?? null;
}
