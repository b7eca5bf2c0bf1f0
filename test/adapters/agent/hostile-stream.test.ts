/** What a node, or who stands between, can do through the stream of exec: lose its own answers, and nothing more. */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { createAgentConnections } from '../../../src/adapters/agent.ts';
import type { NodeShells } from '../../../src/model/ports.ts';
import { until } from '../../../tools/lab/run.ts';
import { clusterOf } from '../../probes/cluster-of.ts';
import { agentPod, daemonSet } from './agent-objects.ts';
import { frame, startExecServer, type ExecBehaviour, type ExecServer } from './exec-server.ts';

const greeting = 'calico-chatops-node 1\n';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Opened {
  readonly server: ExecServer;
  readonly shells: NodeShells;
}
async function opened(behaviour: ExecBehaviour, connectTimeoutMs = 5000): Promise<Opened> {
  const server = await startExecServer(behaviour);
  const connections = createAgentConnections({
    kubeconfig: await server.kubeconfig(),
    cluster: clusterOf([daemonSet, agentPod()]),
    connectTimeoutMs,
  });
  closing.push(
    () => connections.close(),
    () => server.close(),
  );
  return { server, shells: connections.shells() };
}

/** Greets, then answers each request as said. */
const answering =
  (answer: (socket: WebSocket, id: string) => void): ExecBehaviour['opened'] =>
  (socket) => {
    socket.send(frame(1, greeting));
    socket.on('message', (data: Buffer) => {
      const id = /^\0(\d+) /.exec(data.toString('latin1'))?.[1];
      if (id !== undefined) answer(socket, id);
    });
  };
const honest = answering((socket, id) => socket.send(frame(1, `= ${id} 0 5 2 0 -\nok`)));
const command = { id: 'test-small', argv: ['id'], timeoutSeconds: 1, maxBytes: 1000 };
const run = (shells: NodeShells) =>
  shells.shell({ name: 'node-a', address: '192.0.2.1' }).start({ command, moment: 'first', params: {} }).result;

test('asks for one program in one container, and for nothing else', async () => {
  const { server, shells } = await opened({ opened: honest });
  expect(await run(shells)).toMatchObject({ node: 'node-a', stdout: 'ok' });
  expect(server.asked.map(({ pathname }) => pathname)).toEqual([
    '/api/v1/namespaces/calico-chatops-agent/pods/calico-chatops-agent-x1/exec',
  ]);
  expect([...(server.asked[0]?.searchParams ?? [])]).toEqual([
    ['stdout', 'true'],
    ['stderr', 'true'],
    ['stdin', 'true'],
    ['tty', 'false'],
    ['command', '/usr/local/bin/calico-chatops-agent'],
    ['container', 'agent'],
  ]);
});

test('an answer comes in pieces of any size, and with empty frames between', async () => {
  const { shells } = await opened({
    opened: answering((socket, id) => {
      for (const byte of Buffer.from(`= ${id} 0 5 2 3 -\nokerr`)) {
        socket.send(frame(1, Buffer.from([byte])));
        socket.send(frame(2));
      }
    }),
  });
  expect(await run(shells)).toMatchObject({ stdout: 'ok', stderr: 'err' });
});

describe('a frame that the protocol does not have ends the stream, and this process goes on', () => {
  test.each<[string, (socket: WebSocket) => void]>([
    ['of the standard input', (socket) => socket.send(frame(0, 'x'))],
    ['of the terminal', (socket) => socket.send(frame(4, '{}'))],
    ['of a channel that does not exist', (socket) => socket.send(frame(9, 'x'))],
    ['of no channel', (socket) => socket.send(Buffer.alloc(0))],
    ['of text', (socket) => socket.send('hello')],
    ['with a status that is not JSON', (socket) => socket.send(frame(3, 'hello'))],
    ['with a status that is not an object', (socket) => socket.send(frame(3, '[1]'))],
    ['with no frame of the helper', (socket) => socket.send(frame(1, 'hello\n'))],
    ['with an answer to nothing', (socket) => socket.send(frame(1, '= 99 0 5 2 0 -\nok'))],
    ['with more output than the command may print', (socket) => socket.send(frame(1, '= 1 0 5 99000000 0 -\n'))],
  ])('%s', async (_, send) => {
    const { server, shells } = await opened({ opened: answering((socket) => send(socket)) });
    await expect(run(shells)).rejects.toMatchObject({ code: 'node-answer-invalid' });
    await until('the stream to be closed', 10, async () => (server.open() === 0 ? true : null));
    await expect(run(shells)).rejects.toMatchObject({ code: 'node-answer-invalid' });
    expect(server.asked).toHaveLength(1);
  });

  test('the end of a channel is not an end of ours: standard output is open', async () => {
    const { shells } = await opened({
      opened: answering((socket, id) => {
        for (const channel of [0, 1, 2, 3, 200]) socket.send(Buffer.from([255, channel]));
        socket.send(frame(1, `= ${id} 0 5 2 0 -\nok`));
      }),
    });
    expect((await run(shells)).stdout).toBe('ok');
    expect([process.stdout.writable, process.stderr.writable]).toEqual([true, true]);
  });

  test('behind the status of the program, in the same piece of data, frames are not taken', async () => {
    const { server, shells } = await opened({
      opened: answering((socket) => {
        const { _socket: wire } = socket as unknown as { readonly _socket: Socket };
        wire.cork();
        socket.send(frame(3, '{"status":"Success"}'));
        for (const channel of [1, 2, 1, 2]) socket.send(frame(channel, 'late\n'));
        wire.uncork();
      }),
    });
    await expect(run(shells)).rejects.toMatchObject({ code: 'exec-lost' });
    await until('the stream to be closed', 10, async () => (server.open() === 0 ? true : null));
  });

  test('a message larger than any of the API server is not taken', async () => {
    const { shells } = await opened({
      opened: answering((socket) => socket.send(frame(1, Buffer.alloc(3_000_000, 'x')))),
    });
    await expect(run(shells)).rejects.toMatchObject({ code: 'exec-lost' });
  });
});

/** Says how the program ended. */
const ending = (status: object, said = ''): ExecBehaviour['opened'] =>
  function end(socket) {
    if (said !== '') socket.send(frame(2, said));
    socket.send(frame(3, JSON.stringify(status)));
    socket.close();
  };

describe('a helper that does not start', () => {
  test.each<[string, ExecBehaviour['opened'], RegExp]>([
    [
      'because the image lacks it',
      ending({ status: 'Failure', reason: 'InternalError', message: 'exec: "x": no such file or directory' }),
      /did not start: .*no such file/,
    ],
    [
      'and says why',
      ending({ status: 'Failure', reason: 'NonZeroExitCode', message: 'exit code 3' }, 'allow-list is missing\n'),
      /did not start: allow-list is missing/,
    ],
  ])('%s', async (_, opening, why) => {
    const { shells } = await opened({ opened: opening });
    await expect(run(shells)).rejects.toMatchObject({
      code: 'node-helper-missing',
      message: expect.stringMatching(why),
    });
  });
  test('in time', async () => {
    const { server, shells } = await opened({ opened: () => undefined }, 300);
    await expect(run(shells)).rejects.toMatchObject({ code: 'timeout' });
    await until('the stream to be closed', 10, async () => (server.open() === 0 ? true : null));
  });
});

test.each<[string, number, string, string, RegExp]>([
  [
    'a right that is missing',
    403,
    '{"reason":"Forbidden","message":"may not"}',
    'exec-refused',
    /403 Forbidden: may not/,
  ],
  ['a kubelet that is not reached', 500, 'error dialing backend', 'exec-refused', /500 error dialing backend/],
  ['a refusal without end', 500, 'x'.repeat(100_000), 'exec-refused', /500 x+/],
  ['a pod that is gone', 404, '{"reason":"NotFound","message":"pods not found"}', 'exec-lost', /its pod is gone/],
])('the API server opens no stream: %s', async (_, status, body, code, why) => {
  const { shells } = await opened({ refuse: () => ({ status, body }), opened: honest });
  await expect(run(shells)).rejects.toMatchObject({ code, message: expect.stringMatching(why) });
});

test('behind an open stream, a kubelet that is not reached is not a helper that is missing', async () => {
  const message =
    'Internal error occurred: error sending request: Post "https://192.0.2.1:10250/exec/x": ' +
    'dial tcp 192.0.2.1:10250: connect: connection refused';
  const { shells } = await opened({
    opened: (socket) => {
      socket.send(frame(3, JSON.stringify({ status: 'Failure', reason: 'InternalError', code: 500, message })));
      socket.close();
    },
  });
  await expect(run(shells)).rejects.toMatchObject({
    code: 'exec-refused',
    message: `node-a (agent): the helper was not started: ${message}`,
  });
});

test('a stream that is dropped under a command is an error, and the next command opens another', async () => {
  let streams = 0;
  const { server, shells } = await opened({
    opened: (socket, asked) => {
      streams += 1;
      if (streams === 1) answering(() => socket.terminate())(socket, asked);
      else honest(socket, asked);
    },
  });
  await expect(run(shells)).rejects.toMatchObject({ code: 'exec-lost' });
  expect((await run(shells)).stdout).toBe('ok');
  expect(server.asked).toHaveLength(2);
});

test('a server that does not answer at all', async () => {
  const connections = createAgentConnections({
    kubeconfig: await (await opened({ opened: honest })).server.kubeconfig(9),
    cluster: clusterOf([daemonSet, agentPod()]),
  });
  closing.push(() => connections.close());
  await expect(run(connections.shells())).rejects.toMatchObject({
    code: 'api-unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
  });
});
