/** An API server that knows exec alone, as version 5 of its protocol has it. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocketServer, type WebSocket } from 'ws';
import { makeCertificate } from '../../../tools/lab/control-plane/make-certificate.ts';

/** Frames of a channel. */
export const frame = (channel: number, data: Buffer | string = '') =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(data)]);

export interface ExecServer {
  readonly port: number;
  /** What was asked for, newest last. */
  readonly asked: URL[];
  /** Streams that are open. */
  open(): number;
  /** Writes a kubeconfig whose server is a port of the loopback, and gives its path. */
  kubeconfig(port?: number): Promise<string>;
  close(): Promise<void>;
}

export interface ExecBehaviour {
  /** The answer, instead of a stream. */
  readonly refuse?: (asked: URL) => { readonly status: number; readonly body: string } | null;
  readonly opened: (socket: WebSocket, asked: URL) => void;
}

export async function startExecServer({ refuse = () => null, opened }: ExecBehaviour): Promise<ExecServer> {
  const folder = await mkdtemp(join(tmpdir(), 'calico-chatops-exec-'));
  await makeCertificate(`${folder}/api`, '/CN=api', 2, ['-addext', 'subjectAltName=IP:127.0.0.1']);
  const [key, cert] = ['key', 'crt'].map((part) => readFileSync(`${folder}/api.${part}`));
  const server = createServer({ key, cert });
  const streams = new WebSocketServer({ noServer: true, handleProtocols: () => 'v5.channel.k8s.io' });
  const sockets = new Set<Socket>();
  const asked: URL[] = [];
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '', 'https://api');
    asked.push(url);
    const refusal = request.headers.authorization === 'Bearer of-a-test' ? refuse(url) : { status: 401, body: '' };
    if (refusal !== null) {
      const { status, body } = refusal;
      socket.end(`HTTP/1.1 ${status} no\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
      return;
    }
    streams.handleUpgrade(request, socket, head, (stream) => {
      stream.on('error', () => undefined);
      opened(stream, url);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    asked,
    open: () => streams.clients.size,
    kubeconfig: async (through = port) => {
      const path = `${folder}/kubeconfig-${through}`;
      const authority = cert?.toString('base64');
      await writeFile(
        path,
        JSON.stringify({
          apiVersion: 'v1',
          kind: 'Config',
          'current-context': 'it',
          clusters: [
            {
              name: 'it',
              cluster: { server: `https://127.0.0.1:${through}`, 'certificate-authority-data': authority },
            },
          ],
          users: [{ name: 'it', user: { token: 'of-a-test' } }],
          contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
        }),
      );
      return path;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs a program behind a stream, as a kubelet and its container runtime do. */
export function runBehind(socket: WebSocket, [program = '', ...args]: readonly string[]): void {
  const child = spawn(program, args);
  const send = (channel: number, data: Buffer | string) => socket.send(frame(channel, data));
  child.stdout.on('data', (chunk: Buffer) => send(1, chunk));
  child.stderr.on('data', (chunk: Buffer) => send(2, chunk));
  child.stdin.on('error', () => undefined);
  child.on('close', (exit) => {
    const failed = { status: 'Failure', reason: 'NonZeroExitCode', message: `exit code ${exit}` };
    send(3, JSON.stringify(exit === 0 ? { status: 'Success' } : failed));
    socket.close();
  });
  socket.on('message', (data: Buffer) => {
    if (data[0] === 0) child.stdin.write(data.subarray(1));
    else if (data[0] === 255) child.stdin.end();
  });
  socket.on('close', () => child.stdin.destroy());
}
