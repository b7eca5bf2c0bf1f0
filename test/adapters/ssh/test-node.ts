import { spawn } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { allowLists } from '../../../scripts/generate/allow-list.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { inContainer, layImage } from '../../../tools/lab/nodes/agent-image.ts';
import { run, until } from '../../../tools/lab/run.ts';
import type { CommandTemplate } from '../../../src/model/command.ts';

/** A node to talk to: a real OpenSSH server on loopback, with deploy/node installed as an operator would. */
export interface TestNode {
  readonly port: number;
  /** The bot's private key. */
  readonly privateKey: string;
  /** File of the bot's private key; the public one is beside it, as `.pub`. */
  readonly keyFile: string;
  /** `type base64` of its host key. */
  readonly hostKey: string;
  /** What an operator copied to it: deploy/node, with this node's allow-list. */
  readonly deploy: string;
  /** Runs a shell command as root inside the node, and gives its output. */
  inside(script: string): Promise<string>;
  /** The command that runs another one as root inside the node. */
  enter(argv: readonly string[]): readonly string[];
  /** The command that runs another one in a container of the agent on the node. */
  enterAgent(argv: readonly string[]): readonly string[];
  stop(): Promise<void>;
}

const deployFolder = resolve(import.meta.dirname, '../../../deploy/node');

const init = `set -e
root=$1
mount --make-rprivate /
mount --bind "$root/etc" /etc
mount --bind "$root/local-bin" /usr/local/bin
mount -t tmpfs tmpfs /var/lib
sh "$root/deploy/install" "$root/bot.pub"
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/sshd
echo $$ > "$root/started"
exec /usr/sbin/sshd -D -e
`;

/** As open as a careless administrator could have left it: what an account may do is not up to this file. */
const sshdConfig = (port: number) => `Include /etc/ssh/sshd_config.d/*.conf
ListenAddress 127.0.0.1:${port}
Subsystem sftp /usr/lib/openssh/sftp-server
AcceptEnv *
PermitUserEnvironment yes
PermitTTY yes
PermitTunnel yes
X11Forwarding yes
GatewayPorts clientspecified
HostKey /etc/ssh/ssh_host_ed25519_key
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
`;

/** Starts a node whose allow-list holds these commands, as `test-KEY`. Needs root. */
export async function startTestNode(commands: Readonly<Record<string, CommandTemplate>>): Promise<TestNode> {
  const root = await mkdtemp(join(tmpdir(), 'calico-chatops-node-'));
  const port = await freePort();
  await run(['cp', '-a', '/etc/.', `${root}/etc`]);
  await run([
    'sh',
    '-c',
    `rm -rf ${root}/etc/ssh/ssh_host_* ${root}/etc/ssh/sshd_config.d ${root}/etc/sudoers.d/calico-chatops ${root}/etc/calico-chatops && mkdir ${root}/etc/ssh/sshd_config.d && mkdir ${root}/local-bin`,
  ]);
  await cp(deployFolder, `${root}/deploy`, { recursive: true });
  await symlink('deploy', `${root}/node`);
  await cp(`${deployFolder}-agent`, `${root}/node-agent`, { recursive: true });
  await mkdir(`${root}/container`);
  const lists = allowLists(Object.entries(commands).map(([key, template]) => ({ id: `test-${key}`, ...template })));
  const hostname = (await run(['hostname'])).trim();
  await Promise.all([
    writeFile(`${root}/deploy/allow-list`, lists.reading),
    writeFile(`${root}/deploy/allow-list.fixes`, lists.fixing),
    writeFile(`${root}/etc/ssh/sshd_config`, sshdConfig(port)),
    writeFile(`${root}/etc/hosts`, `127.0.0.1 localhost ${hostname}\n`),
    writeFile(`${root}/init`, init),
    mkdir(`${root}/etc/sudoers.d`, { recursive: true }),
    ...['bot', 'etc/ssh/ssh_host_ed25519_key'].map((key) =>
      run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${root}/${key}`]),
    ),
  ]);
  await chmod(root, 0o755);
  layImage(`${root}/image`, root);
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', `${root}/init`, root],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(root, { recursive: true, force: true });
  };
  try {
    await until('sshd to listen', 20, async () => {
      if (child.exitCode !== null) throw new Error(`the node did not start: ${said}`);
      return said.includes('Server listening') ? true : null;
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const inner = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8')).trim();
  const enter = (argv: readonly string[]) => ['nsenter', '-t', inner, '-m', '-p', ...argv];
  return {
    port,
    enter,
    // A container lives as long as a process of it: the shell stays, as sleep does in a pod.
    enterAgent: (argv) =>
      enter(inContainer(`${root}/image`, `${root}/container`, ['sh', '-c', '"$@"; exit $?', 'sh', ...argv])),
    privateKey: await readFile(`${root}/bot`, 'utf8'),
    keyFile: `${root}/bot`,
    deploy: `${root}/deploy`,
    hostKey: (await readFile(`${root}/etc/ssh/ssh_host_ed25519_key.pub`, 'utf8')).split(' ').slice(0, 2).join(' '),
    inside: (script) => run([...enter(['sh', '-c', script])]),
    stop,
  };
}

/** A wire to a node that can be cut, or can swallow everything. */
export interface Wire {
  readonly port: number;
  /** Connections made so far. */
  connections(): number;
  cut(): void;
  freeze(): void;
  close(): Promise<void>;
}

export async function startWire(to: number): Promise<Wire> {
  const pairs = new Set<readonly [net.Socket, net.Socket]>();
  let connections = 0;
  const server = net.createServer((near) => {
    connections += 1;
    const far = net.connect({ port: to, host: '127.0.0.1', noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    pairs.add(pair);
    for (const [from, into] of [pair, [far, near] as const]) {
      from.pipe(into);
      from.on('error', () => undefined);
      from.on('close', () => {
        into.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const cut = () => [...pairs].forEach(([near]) => near.resetAndDestroy());
  return {
    port: address.port,
    connections: () => connections,
    cut,
    freeze: () =>
      [...pairs].forEach(([near, far]) => {
        near.unpipe(far);
        far.unpipe(near);
        near.resume();
        far.resume();
      }),
    close: async () => {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}
