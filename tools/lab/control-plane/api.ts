import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { LabPaths } from '../paths.ts';
import { adminToken } from './programs.ts';

/** The fields of an API object that the lab itself looks at; the rest travels along untouched. */
export const kubeObjectSchema = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.record(z.string(), z.unknown()).optional(),
  status: z.record(z.string(), z.unknown()).optional(),
});

export type KubeObject = z.infer<typeof kubeObjectSchema>;

const listSchema = z.object({ items: z.array(kubeObjectSchema) });
const tokenRequestSchema = z.object({ status: z.object({ token: z.string() }) });

const tokenDays = 30;

export type Answer = { status: number; body: string };

/** The API server refused a request of the lab's administrator. */
class ApiRefused extends Error {
  readonly status: number;
  constructor(method: string, path: string, answer: Answer) {
    super(`${method} ${path}: ${answer.status} ${answer.body.slice(0, 500)}`);
    this.status = answer.status;
  }
}

/** A client of the lab's API server as administrator, through the supervisor's Unix socket. */
export function administrator(paths: LabPaths) {
  const ca = readFileSync(`${paths.pki}/ca.crt`);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });

  async function send(method: string, path: string, body?: string, contentType = 'application/json'): Promise<Answer> {
    const outgoing = request({
      socketPath: paths.apiSocket,
      servername: 'kubernetes',
      ca,
      agent,
      method,
      path,
      headers: {
        authorization: `Bearer ${adminToken}`,
        accept: 'application/json',
        // Without a length Node writes a DELETE's body unannounced, and the connection is spoilt.
        ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }),
      },
      timeout: 15_000,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within 15 s`)));
    outgoing.end(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.on('response', resolve);
      outgoing.on('error', reject);
    });
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  async function answerOf(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown> {
    const answer = await send(method, path, body === undefined ? undefined : JSON.stringify(body), contentType);
    if (answer.status >= 400) throw new ApiRefused(method, path, answer);
    return JSON.parse(answer.body);
  }

  const ask = async (method: string, path: string, body?: unknown, contentType?: string) =>
    kubeObjectSchema.parse(await answerOf(method, path, body, contentType));

  return {
    /** One request as it is; any status is an answer. */
    send,
    get: (path: string) => ask('GET', path),
    /** The object, or null where the API server has none. */
    async find(path: string): Promise<KubeObject | null> {
      const answer = await send('GET', path);
      if (answer.status === 404) return null;
      if (answer.status >= 400) throw new ApiRefused('GET', path, answer);
      return kubeObjectSchema.parse(JSON.parse(answer.body));
    },
    async list(path: string): Promise<KubeObject[]> {
      return listSchema.parse(await answerOf('GET', path)).items;
    },
    /** Creates an object; one that is there already is left as it is and returned. */
    async ensure(collection: string, object: KubeObject): Promise<KubeObject> {
      const answer = await send('POST', collection, JSON.stringify(object));
      if (answer.status === 409) return ask('GET', `${collection}/${object.metadata.name}`);
      if (answer.status >= 400) throw new ApiRefused('POST', collection, answer);
      return kubeObjectSchema.parse(JSON.parse(answer.body));
    },
    create: (collection: string, object: unknown) => ask('POST', collection, object),
    patch: (path: string, patch: unknown) => ask('PATCH', path, patch, 'application/merge-patch+json'),
    async remove(path: string, gracePeriodSeconds = 0): Promise<void> {
      await answerOf('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds });
    },
    /** A token of a service account, good for 30 days: one without a term ends after an hour. */
    async token(namespace: string, account: string): Promise<string> {
      const answer = await answerOf('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { expirationSeconds: tokenDays * 86_400 },
      });
      return tokenRequestSchema.parse(answer).status.token;
    },
    close: () => agent.destroy(),
  };
}

export type Administrator = ReturnType<typeof administrator>;

/** Returns what asks the lab's API server as administrator, with a client for each question alone. */
export function asAdministrator(paths: LabPaths) {
  return async <T>(ask: (api: ReturnType<typeof administrator>) => Promise<T>): Promise<T> => {
    const api = administrator(paths);
    try {
      return await ask(api);
    } finally {
      api.close();
    }
  };
}
