import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { LabPaths } from '../paths.ts';
import { adminToken } from './programs.ts';

/** The fields of an API object that the lab itself looks at; the rest travels along untouched. */
export type KubeObject = {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    deletionTimestamp?: string;
    ownerReferences?: unknown[];
  } & Record<string, unknown>;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
} & Record<string, unknown>;

export type Answer = { status: number; body: string };

/** The API server refused a request of the lab's administrator. */
export class ApiRefused extends Error {
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
      socketPath: paths.apiSocket, servername: 'kubernetes', ca, agent, method, path,
      headers: { authorization: `Bearer ${adminToken}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': contentType }) },
      timeout: 15_000,
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${path}: no answer within 15 s`)));
    outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  async function ask(method: string, path: string, body?: unknown, contentType?: string): Promise<KubeObject> {
    const answer = await send(method, path, body === undefined ? undefined : JSON.stringify(body), contentType);
    if (answer.status >= 400) throw new ApiRefused(method, path, answer);
    return JSON.parse(answer.body) as KubeObject;
  }

  return {
    /** One request as it is; any status is an answer. */
    send,
    get: (path: string) => ask('GET', path),
    /** The object, or null where the API server has none. */
    async find(path: string): Promise<KubeObject | null> {
      const answer = await send('GET', path);
      if (answer.status === 404) return null;
      if (answer.status >= 400) throw new ApiRefused('GET', path, answer);
      return JSON.parse(answer.body) as KubeObject;
    },
    async list(path: string): Promise<KubeObject[]> {
      return (await ask('GET', path))['items'] as KubeObject[];
    },
    /** Creates an object; one that is there already is left as it is and returned. */
    async ensure(collection: string, object: KubeObject): Promise<KubeObject> {
      const answer = await send('POST', collection, JSON.stringify(object));
      if (answer.status === 409) return ask('GET', `${collection}/${object.metadata.name}`);
      if (answer.status >= 400) throw new ApiRefused('POST', collection, answer);
      return JSON.parse(answer.body) as KubeObject;
    },
    create: (collection: string, object: unknown) => ask('POST', collection, object),
    patch: (path: string, patch: unknown) => ask('PATCH', path, patch, 'application/merge-patch+json'),
    remove: (path: string, gracePeriodSeconds = 0) => ask('DELETE', path, { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds }),
    close: () => agent.destroy(),
  };
}

export type Administrator = ReturnType<typeof administrator>;
