/** How operators let the bot in: an ssh-agent, a bastion, and a known_hosts that changes. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNodeConnections, type NodeConnectionOptions } from '../../../src/adapters/ssh.ts';
import { run, until } from '../../../tools/lab/run.ts';
import { describeAsRoot } from '../../support/as-root.ts';
import { startBastion, type BastionServer } from './bastion-server.ts';
import { look, node, options, wire, withNode } from './one-node.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const connected = (change: Partial<NodeConnectionOptions>) => {
  const connections = createNodeConnections({ ...options(), ...change });
  closing.push(() => connections.close());
  return connections;
};

const through = async (change: Partial<NodeConnectionOptions> = {}, forwards = true) => {
  const bastion: BastionServer = await startBastion(forwards);
  closing.push(() => bastion.close());
  const hosts = `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n[127.0.0.1]:${wire.port} ${node.hostKey}\n`;
  const jump = { user: 'jumper', host: '127.0.0.1', port: bastion.port };
  return { bastion, connections: connected({ knownHosts: hosts, jump, ...change }) };
};

describeAsRoot('a real node', () => {
  withNode();

  test('the key may be in an ssh-agent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'calico-chatops-agent-'));
    const socket = `${folder}/socket`;
    const program = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    const ended = once(program, 'exit');
    closing.push(async () => {
      program.kill();
      await ended;
      await rm(folder, { recursive: true });
    });
    const add = ['env', `SSH_AUTH_SOCK=${socket}`, 'ssh-add', '-q', node.keyFile];
    await until('the agent to take the key', 20, () => run(add).catch(() => null));
    const { privateKey: _, ...rest } = options();
    const connections = createNodeConnections({ ...rest, agent: socket });
    closing.push(() => connections.close());
    expect((await look(connections.shells(), 'who')).stdout).toBe('root\n');
  });

  test('known_hosts is read again before a connection: a host that was added counts, one that was removed does not', async () => {
    let content = '';
    const connections = connected({ knownHosts: () => Promise.resolve(content), idleMs: 0 });
    await expect(look(connections.shells(), 'who')).rejects.toMatchObject({ code: 'ssh-host-key' });
    content = `[127.0.0.1]:${wire.port} ${node.hostKey}\n`;
    expect((await look(connections.shells(), 'who')).exit).toBe(0);
    content = '';
    wire.cut();
    await until('the connection to be gone', 20, async () => {
      const refused = await look(connections.shells(), 'who').then(
        () => null,
        (error: { code: string }) => error.code,
      );
      return refused === 'ssh-host-key' ? true : null;
    });
  });

  describe('through a bastion', () => {
    test('commands run on the node, and the bastion is logged in to once', async () => {
      const { bastion, connections } = await through();
      const [one, other] = [connections.shells(), connections.shells()];
      expect((await look(one, 'who')).stdout).toBe('root\n');
      expect((await look(other, 'say', { word: 'x' })).stdout).toBe('a b|x');
      expect([bastion.forwarded, bastion.logins()]).toEqual([[`127.0.0.1:${wire.port}`], 1]);
    });

    test('a bastion that is not in known_hosts is not talked to', async () => {
      const { bastion, connections } = await through({
        knownHosts: `[127.0.0.1]:${wire.port} ${node.hostKey}\n`,
      });
      await expect(look(connections.shells(), 'who')).rejects.toMatchObject({
        message: expect.stringMatching(
          /^node-a \(127\S+\): the bastion 127\.0\.0\.1:\d+ does not let the bot in: its host key \S+ is not in/,
        ),
      });
      expect([bastion.logins(), wire.connections()]).toEqual([0, 0]);
    });

    test('the key of the node is checked behind it too', async () => {
      const bastion = await startBastion();
      closing.push(() => bastion.close());
      const connections = connected({
        knownHosts: `[127.0.0.1]:${bastion.port} ${bastion.hostKey}\n`,
        jump: { user: 'jumper', host: '127.0.0.1', port: bastion.port },
      });
      await expect(look(connections.shells(), 'who')).rejects.toMatchObject({ code: 'ssh-host-key' });
      expect(bastion.forwarded).toHaveLength(1);
    });

    test('a bastion that does not forward says so', async () => {
      const { connections } = await through({}, false);
      await expect(look(connections.shells(), 'who')).rejects.toMatchObject({
        code: 'ssh-refused',
        message: expect.stringMatching(/^node-a \(127\.0\.0\.1:\d+\): the bastion 127\.0\.0\.1 opens no way there/),
      });
    });
  });
});
