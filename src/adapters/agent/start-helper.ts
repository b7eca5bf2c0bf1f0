import { PassThrough, Writable } from 'node:stream';
import { agentContainer, agentMark, agentNamespace, kubeletUnreached } from '../../model/agent.ts';
import { LookError } from '../../model/look-error.ts';
import type { HelperEvents, HelperInput } from '../node-helper/helper-way.ts';
import { failureReason, statusReason } from '../kubernetes/failures.ts';
import type { KubernetesClient } from '../kubernetes/client.ts';
import { thrown } from '../thrown.ts';
import { ExecSocket } from './exec-socket.ts';

/** Where and how the helper is started. */
export interface AgentPlace {
  readonly node: string;
  /** Name of the agent's pod on the node. */
  readonly pod: string;
  /** What to start, without arguments. */
  readonly program: string;
  /** For the handshake with the API server. */
  readonly timeoutMs: number;
}

export interface StartedHelper {
  readonly input: HelperInput;
  readonly socket: ExecSocket;
}

/**
 * Starts the agent's program in its pod.
 * @param onSocket told of the socket at once, so that it can be ended before it is open
 * @throws LookError `exec-refused`, `exec-lost` or `api-unreachable`
 */
export async function startHelper(
  { node, pod, program, timeoutMs }: AgentPlace,
  { sdk, config }: KubernetesClient,
  events: HelperEvents,
  onSocket: (socket: ExecSocket) => void,
): Promise<StartedHelper> {
  const where = `${node}${agentMark}`;
  const server = config.getCurrentCluster()?.server ?? '';
  // The account's token travels with the request, and what the node says comes back.
  if (!server.startsWith('https://'))
    throw new LookError('exec-refused', `${where}: the kubeconfig names a server without TLS: ${server.slice(0, 100)}`);
  const socket = new ExecSocket(config, timeoutMs);
  onSocket(socket);
  const stdin = new PassThrough();
  const [output, errors] = [sink((chunk) => events.output(chunk)), sink((chunk) => events.errors(chunk))];
  const ended = (status: unknown) => {
    const why = endReason(status);
    // Newer API servers open the stream first, and say behind it that they do not reach the kubelet.
    events.exited(why, why !== null && kubeletUnreached.test(why) ? 'exec-refused' : undefined);
  };
  try {
    await new sdk.Exec(config, socket).exec(
      agentNamespace,
      pod,
      agentContainer,
      [program],
      output,
      errors,
      stdin,
      false,
      ended,
    );
  } catch (error) {
    socket.terminate();
    throw explain(error, where, socket, timeoutMs);
  }
  void tellEnd(socket, events);
  return { socket, input: { write: (text) => void stdin.write(text), end: () => void stdin.end() } };
}

async function tellEnd(socket: ExecSocket, events: HelperEvents): Promise<void> {
  await socket.closed;
  if (socket.broken !== null) events.broken(socket.broken);
  events.closed();
}

/** Takes what comes at once: nothing waits in it. */
function sink(take: (chunk: Buffer) => void): Writable {
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      take(chunk);
      done();
    },
  });
  // A node that writes behind the end of its stream ends nothing here.
  stream.on('error', () => undefined);
  return stream;
}

/** What the kubelet says of the end: null for an end that is the program's own. */
function endReason(status: unknown): string | null {
  const { reason, message } = status as { readonly reason?: unknown; readonly message?: unknown };
  return reason === 'NonZeroExitCode' || typeof message !== 'string' || message === '' ? null : message.slice(0, 300);
}

function explain(error: unknown, where: string, socket: ExecSocket, timeoutMs: number): LookError {
  if (error instanceof LookError) return error;
  if (socket.refusal !== null) {
    const { status, body } = socket.refusal;
    const why = statusReason(status, body);
    // The pod has just gone: another one takes its place.
    if (status === 404) return new LookError('exec-lost', `${where}: its pod is gone: ${why}`, { cause: error });
    return new LookError('exec-refused', `${where}: the helper was not started: ${why}`, { cause: error });
  }
  const { message } = thrown(error);
  const reason = /handshake has timed out/.test(message)
    ? `no answer within ${timeoutMs} ms`
    : failureReason(error, timeoutMs);
  return new LookError('api-unreachable', `${where}: the API server does not open a stream: ${reason}`, {
    cause: error,
  });
}
