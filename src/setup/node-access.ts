/** What the machine of the bot needs to reach nodes at all. */
import type { Trouble } from './check.ts';

interface NodeKeys {
  readonly user: string;
  /** Not given: an ssh-agent has it. */
  readonly privateKey?: string;
  readonly knownHosts: string;
}

export interface NodeKeyFiles {
  readonly user: string | undefined;
  readonly keyFile: string | undefined;
  /** Socket of an ssh-agent. */
  readonly agentSocket?: string | undefined;
  readonly hostsFile: string | undefined;
}

/** How the content of a file is had, and judged. */
export interface KeyReading {
  /** @throws Error with a `code` such as ENOENT */
  readonly read: (path: string) => Promise<string>;
  readonly privateKeyProblem: (text: string) => string | null;
  /** How many host keys a known_hosts file holds. */
  readonly hostKeys: (text: string) => number;
}

export type NodeAccess = { readonly keys: NodeKeys } | { readonly keys: null; readonly troubles: readonly Trouble[] };

const scan = (file: string) =>
  `Run ssh-keyscan NODE >> ${file} for each node, compare each key with the console of its node, ` +
  'and name the node in it';
const makeKey = (file: string) =>
  `Run ssh-keygen -t ed25519 -N "" -f ${file}, and deploy/node/install ${file}.pub on each node`;

function correctKey(file: string, wrong: string): string {
  if (file.endsWith('.pub')) return `Set SSH_KEY_FILE to the private key, such as ${file.slice(0, -'.pub'.length)}`;
  return wrong.includes('passphrase')
    ? `Run ssh-keygen -p -N "" -f ${file}, which takes the passphrase away`
    : makeKey(file);
}

/** One cause: nobody set up SSH here, or nodes are reached in another way. */
const nothingSet: Trouble = {
  text: 'SSH_USER, SSH_KEY_FILE and SSH_KNOWN_HOSTS_FILE are not set',
  next:
    'Run calico-chatops init ./bot, which sets up the way to the nodes, ' +
    'or set NODES_VIA=agent if the agent is installed',
};

/** Returns the keys, or everything that is wrong with them. */
export async function nodeAccess(
  { user, keyFile, agentSocket, hostsFile }: NodeKeyFiles,
  { read, privateKeyProblem, hostKeys }: KeyReading,
): Promise<NodeAccess> {
  if ([user, keyFile, agentSocket, hostsFile].every((value) => value === undefined))
    return { keys: null, troubles: [nothingSet] };
  const troubles: Trouble[] = [];
  const content = async (name: string, path: string | undefined, next: string) => {
    if (path === undefined) return missing(name, next);
    try {
      return await read(path);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      troubles.push({ text: `${name}: ${path} cannot be read (${code})`, next });
      return null;
    }
  };
  const missing = (name: string, next: string) => {
    troubles.push({ text: `${name} is not set`, next });
    return null;
  };
  if (user === undefined) missing('SSH_USER', 'Set SSH_USER to the account of the nodes: calico-chatops');
  const [privateKey, knownHosts] = await Promise.all([
    keyFile === undefined && agentSocket !== undefined
      ? null
      : content('SSH_KEY_FILE', keyFile, makeKey(keyFile ?? 'KEY')),
    content('SSH_KNOWN_HOSTS_FILE', hostsFile, scan(hostsFile ?? 'FILE')),
  ]);
  const wrongKey = privateKey === null ? null : privateKeyProblem(privateKey);
  if (wrongKey !== null && keyFile !== undefined)
    troubles.push({ text: `SSH_KEY_FILE: ${keyFile} ${wrongKey}`, next: correctKey(keyFile, wrongKey) });
  if (knownHosts !== null && hostsFile !== undefined && hostKeys(knownHosts) === 0)
    troubles.push({ text: `SSH_KNOWN_HOSTS_FILE: ${hostsFile} holds no host key`, next: scan(hostsFile) });
  if (troubles.length > 0 || user === undefined || knownHosts === null) return { keys: null, troubles };
  return { keys: { user, ...(privateKey === null ? {} : { privateKey }), knownHosts } };
}
