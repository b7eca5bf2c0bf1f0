/** Programs that a node may lack or refuse to run, and the packages that bring them. Sources: Debian 12, RHEL 9. */
import type { Transcript } from './command.ts';
import { own } from './own.ts';

/** `missing`: the node has no such program. `refused`: it has one and does not run it. */
export interface UnrunTool {
  readonly tool: string;
  readonly state: 'missing' | 'refused';
  /** What the node said; empty where it said nothing. */
  readonly said: string;
}

interface Package {
  readonly debian: string;
  readonly rhel: string;
}
const same = (name: string): Package => ({ debian: name, rhel: name });
const iproute: Package = { debian: 'iproute2', rhel: 'iproute' };
const packages: Readonly<Record<string, Package>> = {
  ipset: same('ipset'),
  tcpdump: same('tcpdump'),
  nft: same('nftables'),
  conntrack: { debian: 'conntrack', rhel: 'conntrack-tools' },
  curl: same('curl'),
  wg: same('wireguard-tools'),
  'iptables-legacy-save': { debian: 'iptables', rhel: 'iptables-legacy' },
  'iptables-nft-save': { debian: 'iptables', rhel: 'iptables-nft' },
  'ip6tables-legacy-save': { debian: 'iptables', rhel: 'iptables-legacy' },
  'ip6tables-nft-save': { debian: 'iptables', rhel: 'iptables-nft' },
  ip: iproute,
  tc: { debian: 'iproute2', rhel: 'iproute-tc' },
  ss: iproute,
  nstat: iproute,
  ping: { debian: 'iputils-ping', rhel: 'iputils' },
  bash: same('bash'),
  grep: same('grep'),
  find: same('findutils'),
  cat: same('coreutils'),
  head: same('coreutils'),
  tr: same('coreutils'),
  stat: same('coreutils'),
  readlink: same('coreutils'),
  timeout: same('coreutils'),
};

/** Exit codes of a shell, of `timeout` and of `env` for a program that is not found, or is found and does not run. */
const notFound = 127;
const notRun = 126;
/** `ip netns exec` ends with one of these where it cannot run the program, by its version. */
const netnsFailed: ReadonlySet<number> = new Set([1, 255]);
const netnsSaying = /^exec of "([\w./-]{1,60})" failed: ([^\n]{1,120})/;

/** How the programs that run others say which one they could not run. */
const sayings = [
  /failed to run command ['"‘`]?([\w./-]{1,60})['"’`]?: ([^\n]{1,120})/,
  netnsSaying,
  /type: ([\w.-]{1,60}): (not found)/,
  /(?:^|[: ])([\w./-]{1,60}): (command not found)/,
];

/** Returns the program that a command could not run; null: its program ran, or how it ended is not known. */
export function unrunTool({ exit, stderr, command, timedOut }: Transcript): UnrunTool | null {
  if (timedOut || exit === null) return null;
  const isShell = exit === notFound || exit === notRun;
  if (!isShell && !netnsFailed.has(exit)) return null;
  const found = (isShell ? sayings : [netnsSaying]).map((saying) => saying.exec(stderr)).find((one) => one !== null);
  if (!found && !isShell) return null;
  const [, name = programOf(command), said = ''] = found ?? [];
  const missing = exit === notFound || /No such file|not found/.test(said);
  return { tool: baseName(name), state: missing ? 'missing' : 'refused', said };
}

/** The program that a command line is about, behind those that only run it. */
function programOf(command: string): string {
  const words = command.split(' ');
  if (words[0] === 'ip' && words[1] === 'netns' && words[2] === 'exec') words.splice(0, 4);
  if (words[0] === 'timeout') words.splice(0, 2);
  return words[0] ?? command;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Says what the node lacks and how to get it: the same words for every look that needs the program. */
export function toolWords({ tool, state, said }: UnrunTool, node: string): string {
  if (state === 'refused') return `${node} does not run ${tool}${said ? `: ${said}` : ''}. Check the file's rights`;
  return `${tool} is not installed on ${node}. ${installWords(tool)}`;
}

/** The command that brings a program. */
function installWords(tool: string): string {
  if (tool === 'calicoctl') return "Copy calicoctl of the cluster's version to /usr/local/bin";
  const found = own(packages, tool);
  if (!found) return 'Install it';
  const { debian, rhel } = found;
  return `Run apt-get install ${debian} (Debian) or dnf install ${rhel} (RHEL)`;
}
