/**
 * A second lab beside the first one's bot. Both have the same addresses, as clusters behind bastions may: the bot's
 * namespace reaches the other lab through one wire, by a bastion that is in both and a port that stands for the API
 * server.
 */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { labPaths, type LabPaths } from '../paths.ts';
import { describeProcess } from '../processes.ts';
import { run, untilRuns } from '../run.ts';
import { addresses, apiServer, sshUser } from '../topology.ts';
import { inOperations } from './command.ts';

/** The wire between the two operations namespaces. */
const wire = { device: 'beside', bot: '10.251.0.1', other: '10.251.0.2', prefixLength: 30 } as const;
const [account, apiPort] = ['jump', 6443];

/** What a configuration says of a cluster that the bot reaches through a bastion. */
export interface WayIn {
  readonly KUBECONFIG: string;
  readonly SSH_USER: string;
  readonly SSH_KEY_FILE: string;
  readonly SSH_KNOWN_HOSTS_FILE: string;
  readonly SSH_JUMP: string;
}

/** The ways into the lab itself, of its own bot. */
export function ownWay({ operations }: LabPaths): Omit<WayIn, 'SSH_JUMP'> {
  return {
    KUBECONFIG: `${operations}/kubeconfig`,
    SSH_USER: sshUser,
    SSH_KEY_FILE: `${operations}/id_ed25519`,
    SSH_KNOWN_HOSTS_FILE: `${operations}/known_hosts`,
  };
}

const at = (paths: LabPaths, lines: readonly string[]) =>
  run(['ip', '-n', paths.namespace('ops'), '-batch', '-'], lines.join('\n'));

/** Lays the wire from the bot's lab to another one, and returns the ways into that one. */
export async function layWayTo(bot: string, other: string): Promise<WayIn> {
  const [from, to] = [labPaths(bot), labPaths(other)];
  const { device, prefixLength } = wire;
  await at(from, [
    `link add ${device} type veth peer name ${device} netns ${to.namespace('ops')}`,
    `addr add ${wire.bot}/${prefixLength} dev ${device}`,
    `link set ${device} up`,
  ]);
  await at(to, [`addr add ${wire.other}/${prefixLength} dev ${device}`, `link set ${device} up`]);
  await run(inOperations(to, ['sysctl', '-q', '-w', 'net.ipv4.ip_forward=1']));
  await run(inOperations(to, ['nft', '-f', '-']), apiServerBehind(wire.other));
  const hostKey = await startBastion(to);
  const own = ownWay(to);
  const hosts = `${from.operations}/known-hosts-of-other`;
  await writeFile(hosts, `${readFileSync(own.SSH_KNOWN_HOSTS_FILE, 'utf8')}${wire.other} ${hostKey}\n`);
  const kubeconfig = readFileSync(own.KUBECONFIG, 'utf8').replace(
    `server: ${apiServer}`,
    `server: https://${wire.other}:${apiPort}\n    tls-server-name: localhost`,
  );
  await writeFile(`${from.operations}/kubeconfig-of-other`, kubeconfig, { mode: 0o600 });
  await untilRuns('the bastion', 20, inOperations(from, ['bash', '-c', `exec 3<>/dev/tcp/${wire.other}/22`]));
  return {
    ...own,
    KUBECONFIG: `${from.operations}/kubeconfig-of-other`,
    SSH_KNOWN_HOSTS_FILE: hosts,
    SSH_JUMP: `${account}@${wire.other}`,
  };
}

const apiServerBehind = (address: string) => `table ip way {
  chain in { type nat hook prerouting priority dstnat
    ip daddr ${address} tcp dport ${apiPort} dnat to ${addresses.controlPlane}; }
  chain out { type nat hook postrouting priority srcnat
    oifname "eth0" masquerade; }
}
`;

/**
 * The other lab falls silent: nothing that the bot sends there is answered, and nothing is refused.
 * @returns what ends that
 */
export async function silence(other: string): Promise<() => Promise<void>> {
  const paths = labPaths(other);
  const table = `table ip silence {
  chain in { type filter hook prerouting priority raw
    iifname "${wire.device}" drop; }
}
`;
  await run(inOperations(paths, ['nft', '-f', '-']), table);
  return async () => void (await run(inOperations(paths, ['nft', 'delete', 'table', 'ip', 'silence'])));
}

const bastionConfig = `Port 22
ListenAddress ${wire.other}
HostKey /mnt/host-key
AuthorizedKeysFile /mnt/authorized-key
AllowUsers ${account}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
`;

/** It has an account of its own, and a /run as sshd wants it, which nobody else sees. $1 is its folder. */
const bastionInit = `set -e
mount --bind "$1" /mnt
mount --bind /mnt/passwd /etc/passwd
mount --bind /mnt/shadow /etc/shadow
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
exec /usr/sbin/sshd -D -e -f /mnt/sshd_config
`;

/** An SSH server that only forwards, opened by the bot's key. @returns type and base64 of its host key */
async function startBastion(paths: LabPaths): Promise<string> {
  const folder = `${paths.root}/bastion`;
  await mkdir(folder);
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${folder}/host-key`]);
  await run(['cp', `${paths.operations}/id_ed25519.pub`, `${folder}/authorized-key`]);
  await Promise.all([
    writeFile(`${folder}/passwd`, `${readFileSync('/etc/passwd', 'utf8')}${account}:x:64999:64999::/:/bin/false\n`),
    writeFile(`${folder}/shadow`, `${readFileSync('/etc/shadow', 'utf8')}${account}:*:19000::::::\n`, { mode: 0o600 }),
    writeFile(`${folder}/sshd_config`, bastionConfig),
  ]);
  await describeProcess(paths, 'bastion', {
    argv: inOperations(paths, ['unshare', '--mount', 'sh', '-c', bastionInit, 'bastion', folder]),
    env: {},
    log: `${paths.logs}/bastion.log`,
    earlierLog: null,
    restart: true,
  });
  return readFileSync(`${folder}/host-key.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
}
