/** Returns the port in a reason that begins with `NODE (ADDRESS:PORT)`; 22 where it names none. */
export function sshPortIn(reason: string): string {
  return /^[^()]{0,300}\([^()]{0,300}:(\d{1,5})\)/.exec(reason)?.[1] ?? '22';
}

/** Returns the address in such a reason; null where it names none. */
export function sshAddressIn(reason: string): string | null {
  return /^[^()]{0,300}\((\d{1,3}(?:\.\d{1,3}){3}|[\da-f]{0,4}:[\da-f:.]{1,41}):\d{1,5}\)/i.exec(reason)?.[1] ?? null;
}

/** A command that tries a port and says why it is closed. Many machines have no nc, and nearly all have bash. */
export const tryTcp = (host: string, port: string): string =>
  `timeout 5 bash -c '</dev/tcp/${host}/${port}' && echo open`;

/** Returns the bastion that tried to reach the node, as such a reason names it; null: the bot itself did. */
export function bastionIn(reason: string): string | null {
  return /: the bastion (\S{1,253}) (?:has|opens) no /.exec(reason)?.[1] ?? null;
}

/** How a reason begins, behind the name of the node, where the bot could not log in to the bastion itself. */
export const closedBastion = (host: string, port: number): string =>
  `the bastion ${host}:${port} does not let the bot in: `;

/** Returns the bastion that does not let the bot in, as such a reason names it, and why; null: it does. */
export function closedBastionIn(
  reason: string,
): { readonly host: string; readonly port: string; readonly why: string } | null {
  const [, host, port, why] = /: the bastion (\S{1,253}):(\d{1,5}) does not let the bot in: (.*)$/s.exec(reason) ?? [];
  return host === undefined || port === undefined || why === undefined ? null : { host, port, why };
}

/** A command that shows the host keys of a bastion. */
export const scanOf = ({ host, port }: { readonly host: string; readonly port: string }): string =>
  `ssh-keyscan ${port === '22' ? '' : `-p ${port} `}${host}`;
