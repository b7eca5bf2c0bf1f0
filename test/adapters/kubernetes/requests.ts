/** Requests to an API server that pass by the product's own client. */
import type { KubernetesObject } from '../../../src/model/kubernetes.ts';
import type { ObjectReference } from '../../../src/model/ports.ts';
import { collectionPath, objectPath } from '../../../src/adapters/kubernetes/paths.ts';
import { run } from '../../../tools/lab/run.ts';

/** A request as it is: status and body. `kind` is the content type. */
export type Ask = (
  method: string,
  path: string,
  body?: object,
  kind?: string,
) => Promise<{ readonly status: number; readonly body: string }>;

/** Asks with one token. */
export function asking(url: string, token: string): Ask {
  return async (method, path, content, kind = 'application/json') => {
    const said = await run([
      'curl',
      '-sk',
      '-m',
      '10',
      '-X',
      method,
      '-w',
      '\n%{http_code}',
      '-H',
      `Authorization: Bearer ${token}`,
      '-H',
      `Content-Type: ${kind}`,
      ...(content ? ['-d', JSON.stringify(content)] : []),
      `${url}${path}`,
    ]);
    const end = said.lastIndexOf('\n');
    return { status: Number(said.slice(end + 1)), body: said.slice(0, end) };
  };
}

/** Makes and removes objects. */
export interface Objects {
  /** @throws Error for an object that the server refuses */
  create<T extends KubernetesObject>(object: T): Promise<T>;
  remove(reference: ObjectReference): Promise<void>;
}

export function objectsBy(ask: Ask): Objects {
  const must = async (...request: Parameters<Ask>) => {
    const { status, body } = await ask(...request);
    if (status >= 400) throw new Error(`${request[0]} ${request[1]}: ${status} ${body}`);
    return body;
  };
  return {
    async create<T extends KubernetesObject>(object: T) {
      const { apiVersion = '', kind = '', metadata } = object;
      const path = collectionPath({ apiVersion, kind, namespace: metadata.namespace });
      // The API server vouches for the shape of its own objects.
      return JSON.parse(await must('POST', path, object)) as T;
    },
    async remove(reference) {
      await must('DELETE', objectPath(reference));
    },
  };
}
