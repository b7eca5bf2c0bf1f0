import type { KubeConfig } from '@kubernetes/client-node';
import type { IncomingMessage } from 'node:http';
import { WebSocket, type ClientOptions, type RawData } from 'ws';

/** Version 5 can end the standard input of the program, and leave the stream open. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** Of one message; the API server sends pieces of 32 KiB. */
const mostMessageBytes = 1024 * 1024;
/** Of the body of a refusal, which is an object of some hundred bytes. */
const mostRefusalBytes = 8192;
/** As over SSH: a peer that says nothing for so long is gone. */
const pingEveryMs = 3000;
const mostSilentPings = 3;

/** Channels on which something may come from a program without a terminal. */
const channels = { output: 1, errors: 2, status: 3, close: 255 } as const;

/** Takes a frame. Returns whether the stream goes on. */
type TakeFrame = (channel: number, data: Buffer) => boolean;

/**
 * The WebSocket of one exec, as the client's Exec takes it. It lets only those frames through that the protocol has
 * here: the node is behind it, and the client acts on others, up to the end of this process's own standard output.
 */
export class ExecSocket {
  /** What the API server said where it did not open the stream. */
  refusal: { readonly status: number; readonly body: string } | null = null;
  /** What came that is not of the protocol. */
  broken: string | null = null;
  readonly #config: KubeConfig;
  readonly #timeoutMs: number;
  readonly #closed = Promise.withResolvers<void>();
  #socket: WebSocket | null = null;
  #isEnded = false;
  #silentPings = 0;

  constructor(config: KubeConfig, timeoutMs: number) {
    this.#config = config;
    this.#timeoutMs = timeoutMs;
  }

  /** Settles when nothing more comes. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** @throws Error of the connection or the handshake; `refusal` says more */
  async connect(path: string, _text: unknown, take: TakeFrame | null): Promise<WebSocket> {
    const server = this.#config.getCurrentCluster()?.server.replace(/\/$/, '') ?? '';
    const options: ClientOptions = {};
    await this.#config.applyToHTTPSOptions(options);
    const { promise, resolve, reject } = Promise.withResolvers<WebSocket>();
    const socket = new WebSocket(`${server.replace(/^http/, 'ws')}${path}`, protocols, {
      ...options,
      handshakeTimeout: this.#timeoutMs,
      maxPayload: mostMessageBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    this.#socket = socket;
    // Stays for the socket's life: an error that nobody listens to would end the process.
    socket.on('error', reject);
    socket.on('open', () => resolve(socket));
    socket.on('unexpected-response', (_request, response) => this.#readRefusal(response));
    socket.on('message', (data, isBinary) => this.#take(data, isBinary, take));
    socket.on('pong', () => (this.#silentPings = 0));
    const pinging = setInterval(() => this.#ping(socket), pingEveryMs).unref();
    socket.on('close', () => {
      clearInterval(pinging);
      this.#closed.resolve();
    });
    if (this.#isEnded) socket.terminate();
    return promise;
  }

  /** Ends it at once, also before it is open. */
  terminate(): void {
    this.#isEnded = true;
    this.#socket?.terminate();
  }

  #take(data: RawData, isBinary: boolean, take: TakeFrame | null): void {
    if (this.#isEnded) return;
    this.#silentPings = 0;
    try {
      const frame = frameOf(data, isBinary);
      // The end of a channel: the status of the program says it too.
      if (frame.channel === channels.close) return;
      if (take?.(frame.channel, frame.body) === false) {
        // Frames may follow in the same piece of data, and the streams have ended.
        this.#isEnded = true;
        this.#socket?.close();
      }
    } catch (error) {
      this.broken = error instanceof Error ? error.message : String(error);
      this.terminate();
    }
  }

  #ping(socket: WebSocket): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    this.#silentPings += 1;
    if (this.#silentPings > mostSilentPings) this.terminate();
    else socket.ping();
  }

  #readRefusal(response: IncomingMessage): void {
    let body = '';
    const tell = () => {
      this.refusal ??= { status: response.statusCode ?? 0, body };
      this.terminate();
    };
    response.on('data', (chunk: Buffer) => {
      body = (body + chunk.toString('utf8')).slice(0, mostRefusalBytes);
      if (body.length === mostRefusalBytes) tell();
    });
    for (const end of ['end', 'error', 'close']) response.once(end, tell);
  }
}

/** @throws Error for what the protocol does not have */
function frameOf(data: RawData, isBinary: boolean): { readonly channel: number; readonly body: Buffer } {
  if (!isBinary || !Buffer.isBuffer(data) || data.length === 0) throw new Error('a frame without a channel');
  const [channel, body] = [data.readUInt8(0), data.subarray(1)];
  if (channel === channels.status && body.length > 0) checkStatus(body);
  else if (!Object.values<number>(channels).includes(channel)) throw new Error(`a frame of channel ${channel}`);
  return { channel, body };
}

function checkStatus(body: Buffer): void {
  let status: unknown;
  try {
    status = JSON.parse(body.toString('utf8'));
  } catch {
    // Said below.
  }
  if (typeof status !== 'object' || status === null || Array.isArray(status))
    throw new Error('a status that is not an object');
}
