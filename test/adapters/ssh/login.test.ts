/** What the bot's key opens on a node, tried with OpenSSH's own programs against an sshd that allows everything. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeConnections, createNodeShells } from '../../../src/adapters/ssh.ts';
import { until } from '../../../tools/lab/run.ts';
import { commands } from './node-commands.ts';
import { freePort } from '../../../tools/lab/free-port.ts';
import { startTestNode, type TestNode } from './test-node.ts';
import { describeAsRoot } from '../../support/as-root.ts';
import { greeting, home, openSsh, talk } from './raw-session.ts';

describeAsRoot("the bot's key", () => {
  let node: TestNode;
  let folder: string;
  const connections = new Set<ChildProcess>();

  beforeAll(async () => {
    node = await startTestNode(commands);
    await node.inside('mkdir -m 777 /run/open');
    folder = await mkdtemp(join(tmpdir(), 'cc-login-'));
    await writeFile(`${folder}/known_hosts`, `[127.0.0.1]:${node.port} ${node.hostKey}\n`);
  }, 60_000);
  afterEach(() => {
    for (const one of connections) one.kill('SIGKILL');
    connections.clear();
  });
  afterAll(async () => {
    await node.stop();
    await rm(folder, { recursive: true });
  });

  const options = (keyFile = node.keyFile) => [
    '-F',
    'none',
    '-i',
    keyFile,
    '-o',
    'IdentitiesOnly=yes',
    '-o',
    `UserKnownHostsFile=${folder}/known_hosts`,
    '-o',
    'BatchMode=yes',
    '-o',
    'IdentityAgent=none',
    '-o',
    'LogLevel=VERBOSE',
  ];
  const login = (
    more: readonly string[] = [],
    words: readonly string[] = [],
    input = '',
    environment: NodeJS.ProcessEnv = {},
    keyFile?: string,
  ) =>
    openSsh(
      'ssh',
      [...options(keyFile), '-p', String(node.port), ...more, 'calico-chatops@127.0.0.1', ...words],
      input,
      environment,
    );
  const asAccount = (script: string) => node.inside(`su -s /bin/sh calico-chatops -c '${script}' 2>&1 || true`);
  /** A connection whose helper answers, so that what it forwards can be tried meanwhile. */
  const connected = async (more: readonly string[], first: readonly string[] = []) => {
    const child = spawn('ssh', [...first, ...options(), '-p', String(node.port), ...more, 'calico-chatops@127.0.0.1']);
    connections.add(child);
    const said = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    const ended = once(child, 'close');
    await until('the helper to greet', 20, async () => {
      if (child.exitCode !== null) throw new Error(`ssh ended: ${said.stderr}`);
      return said.stdout === greeting ? true : null;
    });
    return {
      said,
      close: async () => {
        child.stdin.end();
        await ended;
      },
    };
  };
  describe('starts the helper and nothing else', () => {
    test.each([
      ['no command', []],
      ['a command', ['touch', '/run/evil']],
      ['the helper with more behind it', ['sudo -n /usr/local/bin/calico-chatops-node; touch /run/evil']],
      ['a substitution', ['$(touch /run/evil)']],
      ['another shell', ['/bin/bash', '-c', '"touch /run/evil"']],
    ])('%s', async (_, words) => {
      expect(await login([], words, '1 test-who\n')).toMatchObject({ stdout: expect.stringContaining(greeting) });
      expect(await node.inside('ls /run')).not.toContain('evil');
    });

    test('and our own client runs commands through it', async () => {
      const shells = createNodeShells({
        user: 'calico-chatops',
        privateKey: node.privateKey,
        port: node.port,
        knownHosts: `[127.0.0.1]:${node.port} ${node.hostKey}\n`,
      });
      const who = await shells
        .shell({ name: 'node-a', address: '127.0.0.1' })
        .start({ command: { id: 'test-who', ...commands.who }, moment: 'first', params: {} }).result;
      await shells.close();
      expect(who.stdout).toBe('root\n');
    });

    test('a key that was renewed in its file is used for the next connection', async () => {
      let text = '';
      const nodes = createNodeConnections({
        user: 'calico-chatops',
        privateKey: async () => text,
        port: node.port,
        knownHosts: `[127.0.0.1]:${node.port} ${node.hostKey}\n`,
      });
      const who = async () => {
        const shell = nodes.shells().shell({ name: 'node-a', address: '127.0.0.1' });
        return shell.start({ command: { id: 'test-who', ...commands.who }, moment: 'first', params: {} }).result;
      };
      await expect(who()).rejects.toThrow(/was not accepted/);
      text = node.privateKey;
      expect((await who()).stdout).toBe('root\n');
      await nodes.close();
    });

    test('a terminal is refused', async () => {
      expect((await login(['-tt'])).stderr).toContain('PTY allocation request failed');
    });

    test.each([
      ['scp', ['-s']],
      ['scp', ['-O']],
    ])('%s %s copies nothing', async (program, [protocol = '']) => {
      await writeFile(`${folder}/file`, 'evil');
      const copied = await openSsh(program, [
        protocol,
        ...options(),
        '-P',
        String(node.port),
        `${folder}/file`,
        'calico-chatops@127.0.0.1:/run/open/evil-by-scp',
      ]);
      expect(copied.exit).not.toBe(0);
      expect(await node.inside('ls /run/open')).not.toContain('evil-by-scp');
    });

    test('sftp reads nothing, though the server has it', async () => {
      const got = await openSsh(
        'sftp',
        [...options(), '-P', String(node.port), '-b', '-', 'calico-chatops@127.0.0.1'],
        `get /etc/passwd ${folder}/passwd\n`,
      );
      expect(got.exit).not.toBe(0);
      await expect(rm(`${folder}/passwd`)).rejects.toMatchObject({ code: 'ENOENT' });
    });
  });

  describe('forwards nothing', () => {
    test('-L', async () => {
      const port = await freePort();
      const session = await connected(['-L', `127.0.0.1:${port}:127.0.0.1:${node.port}`]);
      expect(await talk(port, 'x\r\n')).toBe('');
      expect(session.said.stderr).toContain('administratively prohibited');
      await session.close();
    });

    test('-D', async () => {
      const port = await freePort();
      const session = await connected(['-D', `127.0.0.1:${port}`]);
      const connect = Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, node.port >> 8, node.port & 255]);
      expect(await talk(port, connect)).not.toContain('SSH-2.0');
      expect(session.said.stderr).toContain('administratively prohibited');
      await session.close();
    });

    test('-R', async () => {
      const { stdout, stderr } = await login(['-R', `127.0.0.1:${await freePort()}:127.0.0.1:${node.port}`]);
      expect(stderr).toContain('remote port forwarding failed');
      expect(stdout).toBe(greeting);
    });

    test('-W', async () => {
      const { stdout, stderr } = await login(['-W', `127.0.0.1:${node.port}`], [], 'x\r\n');
      expect(stderr).toContain('administratively prohibited');
      expect(stdout).toBe('');
    });

    test('the agent', async () => {
      // `ssh -A` asks for it only where an agent answers.
      const agent = spawn('ssh-agent', ['-D', '-a', `${folder}/agent`], { stdio: 'ignore' });
      connections.add(agent);
      await until('the agent', 5, async () =>
        (await node.inside(`test -S ${folder}/agent && echo yes; true`)) === 'yes\n' ? true : null,
      );
      const session = await connected(['-A', '-v'], ['-o', `IdentityAgent=${folder}/agent`]);
      expect(session.said.stderr).toContain('Requesting authentication agent forwarding');
      expect(await node.inside("find /tmp -maxdepth 1 -name 'ssh-*' -user calico-chatops")).toBe('');
      await session.close();
    });

    test('X11', async () => {
      const { stdout, stderr } = await login(['-X', '-v'], [], '', { DISPLAY: ':1' });
      expect(stdout).toBe(greeting);
      expect(stderr).toMatch(/X11 forwarding request failed|X11 forwarding disabled/i);
    });
  });

  describe('is the only one, and stays so', () => {
    let second: string;
    beforeEach(async () => {
      second = await mkdtemp(join(tmpdir(), 'cc-second-'));
      await openSsh('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', `${second}/key`]);
    });
    afterEach(() => rm(second, { recursive: true }));

    test.each(['authorized_keys', 'authorized_keys2'])('the account cannot add a key to %s', async (file) => {
      await node.inside(`cp ${second}/key.pub /run/open/second.pub && chmod 644 /run/open/second.pub`);
      expect(await asAccount(`cat /run/open/second.pub >>${home}/.ssh/${file}`)).toMatch(
        /Permission denied|cannot create/,
      );
      expect(
        await asAccount(
          `mv ${home}/.ssh ${home}/.old && mkdir ${home}/.ssh && cp /run/open/second.pub ${home}/.ssh/${file}`,
        ),
      ).toMatch(/Permission denied/);
      expect(await login([], [], '', {}, `${second}/key`)).toMatchObject({
        exit: 255,
        stdout: '',
        stderr: expect.stringContaining('Permission denied'),
      });
    });

    test('the account cannot write what a login reads', async () => {
      for (const file of ['.ssh/rc', '.ssh/environment', '.profile', '.bashrc', '.pam_environment', 'anything']) {
        expect(await asAccount(`echo touch /run/evil >${home}/${file}`)).toMatch(/Permission denied|cannot create/);
      }
      expect(await login()).toMatchObject({ exit: 0, stdout: greeting });
      expect(await node.inside('ls /run')).not.toContain('evil');
    });

    test("the client's environment reaches neither the choice of the program nor its commands", async () => {
      await node.inside(
        `mkdir -p /run/open/bin && printf '#!/bin/sh\\necho mine\\n' >/run/open/bin/sudo && echo 'touch /run/open/evil-by-environment' >/run/open/evil.sh && chmod 755 /run/open/bin /run/open/bin/sudo /run/open/evil.sh`,
      );
      const { stdout } = await login(
        [
          '-o',
          'SetEnv=PATH=/run/open/bin BASH_ENV=/run/open/evil.sh ENV=/run/open/evil.sh LD_PRELOAD=/run/open/none.so EVIL=yes',
        ],
        [],
        '',
      );
      expect(stdout).toBe(greeting);
      expect(await node.inside('ls /run/open')).not.toContain('evil-by-environment');
      // The connection must stay open for an answer to come.
      const session = spawn('ssh', [
        ...options(),
        '-p',
        String(node.port),
        '-o',
        'SetEnv=EVIL=yes PATH=/run/open/bin',
        'calico-chatops@127.0.0.1',
      ]);
      connections.add(session);
      let said = '';
      session.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const ended = once(session, 'close');
      session.stdin.write('1 test-environment\n');
      await until('the environment', 10, async () => (said.includes('HOME=') ? true : null));
      session.stdin.end();
      await ended;
      expect(said).toContain('PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
      expect(said).not.toContain('EVIL');
    });
  });

  test('sshd keeps to one program by its own settings, whatever the key file says', async () => {
    await node.inside(`sh ${node.deploy}/install --sshd-config ${node.keyFile}.pub && kill -HUP 1`);
    // A key without any option, as if somebody had replaced the file.
    await node.inside(`cp ${node.keyFile}.pub ${home}/.ssh/authorized_keys`);
    try {
      await until('sshd to listen again', 10, async () =>
        (await login([], ['echo', 'ready'])).exit === 0 ? true : null,
      );
      expect(await login([], ['id'])).toMatchObject({ stdout: greeting });
      expect((await login(['-tt'])).stderr).toContain('PTY allocation request failed');
      expect((await login(['-W', `127.0.0.1:${node.port}`], [], 'x\r\n')).stderr).toContain(
        'administratively prohibited',
      );
    } finally {
      await node.inside(
        `rm /etc/ssh/sshd_config.d/calico-chatops.conf; sh ${node.deploy}/install ${node.keyFile}.pub; kill -HUP 1`,
      );
    }
  });
});
