/** What a node that somebody else controls can do to the bot: lose its own answers, and nothing more. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { NodeConnections } from '../../../src/adapters/node-helper/node-connections.ts';
import { createNodeConnections } from '../../../src/adapters/ssh.ts';
import { connect } from '../../../src/adapters/ssh/connect.ts';
import type { KnownHosts } from '../../../src/adapters/ssh/known-hosts.ts';
import type { CommandTemplate } from '../../../src/model/command.ts';
import type { NodeShells } from '../../../src/model/ports.ts';
import { until } from '../../../tools/lab/run.ts';
import {
  greeting,
  idOf,
  keys,
  pour,
  startDeafWire,
  startHostileServer,
  type Behaviour,
  type HostileServer,
} from './hostile-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A run over nodes of which the first behaves as said, and the second is honest. */
async function twoNodes(
  behaviour: Behaviour,
): Promise<{ readonly hostile: HostileServer; readonly shells: NodeShells; readonly others: NodeShells }> {
  const hostile = await startHostileServer(behaviour);
  const honest = await startHostileServer({
    asked: (line, channel) => void (idOf(line) === null || channel.write(`= ${idOf(line)} 0 5 2 0 -\nok`)),
  });
  closing.push(
    () => hostile.close(),
    () => honest.close(),
  );
  const connect = (server: HostileServer): NodeConnections => {
    const connections = createNodeConnections({
      user: 'bot',
      privateKey: keys.private,
      port: server.port,
      knownHosts: `[127.0.0.1]:${server.port} ${server.hostKey}\n`,
      connectTimeoutMs: 5000,
    });
    closing.unshift(() => connections.close());
    return connections;
  };
  return { hostile, shells: connect(hostile).shells(), others: connect(honest).shells() };
}

const small: CommandTemplate = { argv: ['id'], timeoutSeconds: 10, maxBytes: 1000 };
const run = (shells: NodeShells, template = small) =>
  shells
    .shell({ name: 'node-a', address: '127.0.0.1' })
    .start({ command: { id: 'test-small', ...template }, moment: 'first', params: {} }).result;
const codes = (settled: readonly PromiseSettledResult<unknown>[]) =>
  settled.map((one) => (one.status === 'fulfilled' ? 'ok' : (one.reason as { code: string }).code));

test('eight answers of 99 MB each cost no memory, the connection, and that node alone', async () => {
  const { hostile, shells, others } = await twoNodes({
    asked: (line, channel) => {
      if (idOf(line) === null) return;
      channel.write(`= ${idOf(line)} 0 5 99000000 99000000 -\n`);
      pour(channel, 198_000_000);
    },
  });
  await run(others);
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => run(shells)));
  await until('the connection to be closed', 5, async () => (hostile.open() === 0 ? true : null));
  clearInterval(watch);
  expect(codes(settled)).toEqual(Array.from({ length: 8 }, () => 'node-answer-invalid'));
  expect(most - before).toBeLessThan(150 * 1024 * 1024);
  await expect(run(shells)).rejects.toMatchObject({ code: 'node-answer-invalid' });
  expect(hostile.connections()).toBe(1);
  expect((await run(others)).stdout).toBe('ok');
}, 30_000);

test('what a run may read is counted as it is announced, and what is above is passed over', async () => {
  const large: CommandTemplate = { ...small, maxBytes: 32_000_000, timeoutSeconds: 30 };
  const { hostile, shells } = await twoNodes({
    asked: (line, channel) => {
      if (idOf(line) === null) return;
      channel.write(`= ${idOf(line)} 0 5 20000000 0 -\n`);
      pour(channel, 20_000_000);
    },
  });
  expect((await run(shells, large)).stdout).toHaveLength(20_000_000);
  expect((await run(shells, large)).stdout).toHaveLength(20_000_000);
  expect(codes(await Promise.allSettled([run(shells, large)]))).toEqual(['output-too-large']);
  expect(codes(await Promise.allSettled([run(shells, large)]))).toEqual(['output-too-large']);
  expect(shells.usage()['node-a']?.bytesIn).toBeGreaterThan(60_000_000);
  expect(hostile.open()).toBe(1);
}, 60_000);

describe('an answer that breaks the rules ends the connection at once', () => {
  test.each<[string, string, string]>([
    ['more output than the command may print', '= ID 0 5 66537 0 -\n', '66537 bytes were announced'],
    ['more standard error than the helper keeps', '= ID 0 5 0 65537 -\n', '65537 bytes of standard error'],
    ['an answer to nothing', '= 99 0 5 2 0 -\nok', 'request 99 is not running'],
    ['request 0', '= 0 0 5 99000000 0 -\n', 'request 0 is not running'],
    ['an answer twice', '= ID 0 5 2 0 -\nok= ID 0 5 2 0 -\nok', 'is not running'],
    ['readiness of nothing', '! 99\n', 'request 99 is not running'],
    ['readiness twice', '! ID\n! ID\n', 'twice ready'],
    ['a second greeting', greeting, 'not a frame'],
    ['no frame', 'hello\n', 'not a frame'],
    ['a line without an end', 'x'.repeat(600), 'too long'],
  ])('%s', async (_, answer, why) => {
    let asked = 0;
    const { hostile, shells, others } = await twoNodes({
      asked: (line, channel) => {
        // Both are under way: the second one never gets an answer.
        if (idOf(line) !== null && (asked += 1) === 2) channel.write(answer.replaceAll('ID', '1'));
      },
    });
    const settled = await Promise.allSettled([run(shells), run(shells)]);
    expect(codes(settled).at(-1)).toBe('node-answer-invalid');
    expect(settled.at(-1)).toMatchObject({ reason: { message: expect.stringContaining(why) } });
    await until('the connection to be closed', 5, async () => (hostile.open() === 0 ? true : null));
    expect((await run(others)).stdout).toBe('ok');
  });

  test('standard error without an end', async () => {
    const { hostile, shells } = await twoNodes({
      asked: (_line, channel) => pour(channel.stderr as unknown as typeof channel, 50_000_000),
    });
    expect(codes(await Promise.allSettled([run(shells)]))).toEqual(['node-answer-invalid']);
    await until('the connection to be closed', 5, async () => (hostile.open() === 0 ? true : null));
  });

  test('a greeting without an end', async () => {
    const { hostile, shells } = await twoNodes({ started: (channel) => pour(channel, 50_000_000) });
    expect(codes(await Promise.allSettled([run(shells)]))).toEqual(['node-helper-missing']);
    await until('the connection to be closed', 5, async () => (hostile.open() === 0 ? true : null));
  });

  test.each<[string, Behaviour]>([
    ['under a command', { asked: (_line, _channel, socket) => void socket.write(Buffer.alloc(100_000, 0xff)) }],
    [
      'with the greeting',
      {
        started: (channel, socket) => {
          channel.write(greeting);
          socket.write(Buffer.alloc(100_000, 0xff));
        },
      },
    ],
    ['and a reset', { asked: (_line, _channel, socket) => void socket.resetAndDestroy() }],
  ])('garbage instead of packets, %s', async (_, behaviour) => {
    const { hostile, shells, others } = await twoNodes(behaviour);
    expect(codes(await Promise.allSettled([run(shells)]))).toEqual(['ssh-lost']);
    await until('the connection to be closed', 5, async () => (hostile.open() === 0 ? true : null));
    expect((await run(others)).stdout).toBe('ok');
  });
});

test('a check of the host key that fails is a refusal, and ends nothing else', async () => {
  const server = await startHostileServer({});
  closing.push(() => server.close());
  const broken: KnownHosts = {
    size: 0,
    algorithms: () => [],
    check: () => {
      throw new Error('a mistake');
    },
  };
  const options = {
    user: 'bot',
    privateKey: keys.private,
    knownHosts: broken,
    port: server.port,
    connectTimeoutMs: 5000,
  };
  await expect(connect({ name: 'node-a', address: '127.0.0.1' }, options)).rejects.toMatchObject({
    code: 'ssh-refused',
  });
});

test('a server that never hangs up is hung up on', async () => {
  const server = await startHostileServer({
    asked: (line, channel) => void (idOf(line) === null || channel.write('hello\n')),
  });
  const wire = await startDeafWire(server.port);
  const connections = createNodeConnections({
    user: 'bot',
    privateKey: keys.private,
    port: wire.port,
    knownHosts: `[127.0.0.1]:${wire.port} ${server.hostKey}\n`,
  });
  closing.push(
    () => connections.close(),
    () => wire.close(),
    () => server.close(),
  );
  await expect(run(connections.shells())).rejects.toMatchObject({ code: 'node-answer-invalid' });
  await until('the connection to be closed', 5, async () => (wire.open() === 0 ? true : null));
});

test.each([
  ['a cipher with CBC', { cipher: ['aes256-cbc'] }],
  ['SHA-1 for messages', { cipher: ['aes256-ctr'], hmac: ['hmac-sha1', 'hmac-sha1-etm@openssh.com'] }],
  ['SHA-1 for the key exchange', { kex: ['diffie-hellman-group14-sha1', 'diffie-hellman-group-exchange-sha1'] }],
] as const)('a server that knows only %s is not talked to', async (_, algorithms) => {
  const { shells } = await twoNodes({ algorithms: algorithms as Behaviour['algorithms'] & object });
  await expect(run(shells)).rejects.toMatchObject({
    code: 'ssh-refused',
    message: expect.stringContaining('no matching'),
  });
});
