import type { RequestContext } from '@kubernetes/client-node';
import type { CredentialsEnd } from '../../model/credentials-end.ts';
import type { ApiAnswer } from '../../model/ports.ts';
import { aheadOf, credentialsEndOf } from './credentials.ts';
import { loadClient, type ClientOptions, type KubernetesClient } from './client.ts';
import { failureReason, isSilence, statusReason, wasCutOff } from './failures.ts';
import { afterAwake } from '../awake-timer.ts';
import { hedged } from './hedged.ts';
import { createOwnSockets, type OwnSockets } from './own-sockets.ts';
import { isStraight } from './paths.ts';

export interface ApiCallOptions extends ClientOptions {
  /** For one question. A read that is not answered by then is asked again, and given up after twice as long. */
  readonly timeoutMs: number;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** Asks the API server one thing. Never rejects. @param path with query */
export type ApiCall = (method: Method, path: string, body?: unknown) => Promise<ApiAnswer<string>>;

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>;

/** More than this of one answer is given up. */
const mostBytes = 64 * 1024 * 1024;
/** Then credentials are read again: certificates may have been rotated. */
const connectionsForMs = 60_000;
/** A kubeconfig whose credentials are refused may have been renewed: it is read again, and no more often. */
const reloadAfterMs = 5000;

/** Its connections are opened by `sockets`. */
async function loadOwnClient(options: ClientOptions, sockets: OwnSockets): Promise<KubernetesClient> {
  const client = await loadClient(options);
  const { config } = client;
  const given = config.createDispatcherOptions.bind(config);
  config.createDispatcherOptions = (...asked) => {
    const settings = given(...asked);
    // A connector may stand where its settings do: the SDK's types know the settings only.
    return settings.type === 'agent'
      ? { ...settings, connect: sockets.connector(settings.connect) as typeof settings.connect }
      : settings;
  };
  return client;
}

/** Resolves to the text of a body, up to a limit. @throws RangeError above it */
async function bounded(body: ReadableStream<Uint8Array> | null): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new RangeError(`the answer is larger than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * A server that was silent twice is asked again after this time: a run that asks ten things does not wait ten times.
 */
const silenceMs = 10_000;

function astray(method: Method, path: string): ApiAnswer<string> {
  const reason = 'no object has such a name: nothing was asked';
  return { ok: false, status: null, reason, request: `${method} ${path}`, at: new Date().toISOString() };
}

/** A question whose answer changes nothing at the server, so that it may be asked twice. */
function isRead(method: Method, path: string): boolean {
  return method === 'GET' || (method === 'POST' && /^\/apis\/auth(?:entication|orization)\.k8s\.io\//.test(path));
}

/** The signal reaches the connection only; a login helper of the kubeconfig may hang as well. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The way to the API server: kubeconfig and client are loaded with the first call, connections are kept. */
export function createApiCall({ kubeconfig, context = null, timeoutMs }: ApiCallOptions): {
  readonly call: ApiCall;
  /** How far the server's clock is ahead of ours, as its last answer says; null: none said it. */
  readonly aheadMs: () => number | null;
  /** Until when the server takes the credentials; null: they do not say it, or cannot be read. */
  readonly credentialsEnd: () => Promise<CredentialsEnd | null>;
  /** The server's address. Rejects with an Error that says what is wrong with the kubeconfig. */
  readonly server: () => Promise<string>;
  readonly close: () => Promise<void>;
} {
  const sockets = createOwnSockets();
  // The SDK takes some 0.4 s to load; who does not ask does not pay.
  let loading: Promise<KubernetesClient> | null = null;
  let kept: { readonly dispatcher: Dispatcher; readonly until: number } | null = null;
  /** When the first question began that had no answer, and none came since. */
  let unanswered: number | null = null;
  let silentUntil = -Infinity;
  let ahead: number | null = null;
  /** Each ends a retired connection now. */
  const retired = new Set<() => void>();
  const forget = (error: unknown) => {
    loading = null;
    throw error;
  };
  let loadedAt = -Infinity;
  const load = () => {
    loadedAt = performance.now();
    return loadOwnClient({ kubeconfig, context }, sockets);
  };

  /** Takes no new questions. What was asked through it is answered, or given up, by the time its connections end. */
  const retire = (dispatcher: Dispatcher | undefined) => {
    if (dispatcher === undefined) return;
    void dispatcher.close().catch(() => undefined);
    const destroySockets = sockets.retire();
    const end = () => {
      retired.delete(end);
      stop();
      void dispatcher.destroy().catch(() => undefined);
      destroySockets();
    };
    // Counted as a question's own time is, or a busy machine would cut off a question that has time left.
    const stop = afterAwake(3 * timeoutMs, end);
    retired.add(end);
  };

  /**
   * The SDK makes a new dispatcher, and so a new TLS connection, for every call: one is kept. A second attempt takes
   * its own, because requests queue behind a connection that stalls; that one is kept from then on.
   */
  const keepConnections = (context: RequestContext, anew: boolean) => {
    const fresh = context.getDispatcher();
    if (!anew && kept !== null && kept.until > performance.now()) {
      context.setDispatcher(kept.dispatcher);
      return;
    }
    retire(kept?.dispatcher);
    kept = fresh === undefined ? null : { dispatcher: fresh, until: performance.now() + connectionsForMs };
  };

  const ask = async (
    method: Method,
    path: string,
    body: unknown,
    signal: AbortSignal,
    nth: number,
  ): Promise<{ status: number; text: string; asked: Promise<KubernetesClient> }> => {
    const asked = (loading ??= load().catch(forget));
    const { sdk, config } = await asked;
    const cluster = config.getCurrentCluster();
    if (cluster === null) throw new Error('the kubeconfig names no cluster');
    const context = new sdk.RequestContext(`${cluster.server.replace(/\/$/, '')}${path}`, sdk.HttpMethod[method]);
    context.setHeaderParam('Accept', 'application/json, */*');
    if (body !== undefined) {
      context.setHeaderParam('Content-Type', method === 'PATCH' ? 'application/merge-patch+json' : 'application/json');
      context.setBody(JSON.stringify(body));
    }
    await config.applySecurityAuthentication(context);
    keepConnections(context, nth > 1);
    context.setSignal(signal);
    const sent = Date.now();
    const response = await new sdk.IsomorphicFetchHttpLibrary().send(context).toPromise();
    ahead = aheadOf(response.headers['date'], sent, Date.now()) ?? ahead;
    return { status: response.httpStatusCode, text: await bounded(response.body.stream()), asked };
  };

  const call: ApiCall = async (method, path, body) => {
    if (!isStraight(path)) return astray(method, path);
    // Loading takes many seconds on a busy machine: that is no silence of the server. What fails, `ask` tells.
    await (loading ??= load().catch(forget)).catch(() => undefined);
    const at = new Date().toISOString();
    const request = `${method} ${path}`;
    const began = performance.now();
    const limitMs = isRead(method, path) ? 2 * timeoutMs : timeoutMs;
    if (began < silentUntil)
      return { ok: false, status: null, reason: `no answer within ${limitMs} ms, a moment ago`, request, at };
    const once = (signal: AbortSignal, nth: number) => untilAborted(ask(method, path, body, signal, nth), signal);
    try {
      const secondAfterMs = isRead(method, path) ? timeoutMs : null;
      const { status, text, asked } = await hedged(once, { secondAfterMs, limitMs, worthAnother: wasCutOff });
      unanswered = null;
      silentUntil = -Infinity;
      if (status === 401) {
        // Of many questions at once, the first that is refused reads it again, for all of them.
        const isOld = asked === loading && began - loadedAt > reloadAfterMs;
        if (isOld) {
          loading = null;
          retire(kept?.dispatcher);
          kept = null;
        }
        if (isOld || asked !== loading) return await call(method, path, body);
      }
      if (status >= 200 && status < 300) return { ok: true, value: text, request, at };
      return { ok: false, status, reason: statusReason(status, text), request, at };
    } catch (error) {
      // The server ends a connection on which it refused somebody: with new credentials, what it cut off is asked anew.
      if (isRead(method, path) && wasCutOff(error) && loadedAt > began) return await call(method, path, body);
      const silent = isSilence(error);
      // One slow moment is no silence: only a question of another moment that had no answer either, and none between.
      if (silent && unanswered !== null && began >= unanswered + timeoutMs / 10)
        silentUntil = performance.now() + silenceMs;
      if (silent) unanswered ??= began;
      return { ok: false, status: null, reason: failureReason(error, limitMs), request, at };
    }
  };
  const loaded = () => (loading ??= load().catch(forget));
  return {
    call,
    aheadMs: () => ahead,
    credentialsEnd: async () => {
      const client = await loaded().catch(() => null);
      return client === null ? null : credentialsEndOf(client.config);
    },
    server: async () => (await loaded()).config.getCurrentCluster()?.server ?? '',
    close: async () => {
      const { dispatcher } = kept ?? {};
      kept = null;
      void dispatcher?.destroy().catch(() => undefined);
      for (const end of retired) end();
      sockets.destroy();
    },
  };
}
