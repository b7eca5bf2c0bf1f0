import pLimit from 'p-limit';
import type { CredentialsEnd } from '../model/credentials-end.ts';
import type { AccessAnswer, AccessQuestion, KubernetesObject } from '../model/kubernetes.ts';
import type { RightQuestion } from '../model/own-rights.ts';
import type { ApiAnswer, ClusterReader, ClusterWriter } from '../model/ports.ts';
import { createApiCall } from './kubernetes/api-call.ts';
import type { ClientOptions } from './kubernetes/client.ts';
import { keptLogLines } from './kubernetes/kept-log-lines.ts';
import { collectionPath, objectPath, withQuery } from './kubernetes/paths.ts';
import { projectionOf } from './kubernetes/projection.ts';

export interface ClusterOptions extends ClientOptions {
  /** Time for each call. */
  readonly timeoutMs?: number;
}

export interface Cluster {
  readonly reader: ClusterReader;
  readonly writer: ClusterWriter;
  /** Asks whether the account itself has a right. Every account may ask that. */
  readonly mayI: (right: RightQuestion) => Promise<ApiAnswer<boolean>>;
  /** How far the API server's clock is ahead of ours, as its last answer says; null: none said it. */
  readonly aheadMs: () => number | null;
  /** Until when the credentials are valid; null: they do not say it, or cannot be read. */
  readonly credentialsEnd: () => Promise<CredentialsEnd | null>;
  /** The API server's address. Rejects with an Error that says what is wrong with the kubeconfig. */
  readonly server: () => Promise<string>;
  close(): Promise<void>;
}

interface ListBody<T> {
  readonly items: readonly T[] | null;
}
interface ReviewBody {
  readonly status: { readonly allowed: boolean; readonly reason?: string };
}

/** `doctor` asks for all rights at once: a slow API server answers some in time rather than none. */
const mostRightsAtOnce = 8;
const fieldManager = 'calico-chatops';

/** The body of an answer; a 2xx whose body is not what was asked for counts as no answer. */
function parsed<Body extends object>(
  answer: ApiAnswer<string>,
  isAsked: (body: Partial<Body>) => boolean,
): ApiAnswer<Body> {
  if (!answer.ok) return answer;
  const { request, at } = answer;
  try {
    // The API server vouches for the shape of its own objects.
    const body: Body = JSON.parse(answer.value);
    if (isAsked(body)) return { ok: true, value: body, request, at };
  } catch {
    // Said below.
  }
  return { ok: false, status: null, reason: 'the answer is not the object that was asked for', request, at };
}

function mapped<A, B>(answer: ApiAnswer<A>, change: (value: A) => B): ApiAnswer<B> {
  return answer.ok ? { ...answer, value: change(answer.value) } : answer;
}

const isObject = (body: Partial<KubernetesObject>) => typeof body.metadata?.name === 'string';

/**
 * Reads and writes of one Kubernetes cluster through its API server, each within a time limit. Of what is read only the
 * fields and lines are kept that something needs.
 */
export function createCluster({ kubeconfig, context = null, timeoutMs = 5000 }: ClusterOptions): Cluster {
  const { call, aheadMs, credentialsEnd, server, close } = createApiCall({ kubeconfig, context, timeoutMs });
  const reader: ClusterReader = {
    async read<T extends KubernetesObject>(reference: Parameters<ClusterReader['read']>[0]) {
      const project = projectionOf(reference);
      return mapped(parsed<T>(await call('GET', objectPath(reference)), isObject), project);
    },

    async list<T extends KubernetesObject>(query: Parameters<ClusterReader['list']>[0]) {
      const { labelSelector, fieldSelector, limit } = query;
      const project = projectionOf(query);
      // From the server's cache: it need not ask its datastore. It may ignore the limit then.
      const path = withQuery(collectionPath(query), { labelSelector, fieldSelector, limit, resourceVersion: 0 });
      const answer = parsed<ListBody<T>>(
        await call('GET', path),
        ({ items }) => items === null || Array.isArray(items),
      );
      return mapped(answer, ({ items }) => (items ?? []).slice(0, limit).map(project));
    },

    async podLog({ namespace, pod, container, tailLines, limitBytes }) {
      const path = `${objectPath({ apiVersion: 'v1', kind: 'Pod', namespace, name: pod })}/log`;
      return mapped(await call('GET', withQuery(path, { container, tailLines, limitBytes })), keptLogLines);
    },

    async accessReview(question: AccessQuestion): Promise<ApiAnswer<AccessAnswer>> {
      const { user, groups, group, resource, verb } = question;
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user, groups, resourceAttributes: { group, resource, verb } },
      };
      const answer = parsed<ReviewBody>(
        await call('POST', collectionPath(body), body),
        ({ status }) => typeof status?.allowed === 'boolean',
      );
      return mapped(answer, ({ status }) => ({ ...question, allowed: status.allowed, reason: status.reason ?? '' }));
    },
  };
  const writer: ClusterWriter = {
    async merge<T extends KubernetesObject>(
      ...[reference, change, precondition, { dryRun }]: Parameters<ClusterWriter['merge']>
    ) {
      const { subresource } = reference;
      const object = `${objectPath(reference)}${subresource === undefined ? '' : `/${subresource}`}`;
      const path = withQuery(object, { fieldManager, dryRun: dryRun ? 'All' : undefined });
      return parsed<T>(await call('PATCH', path, { ...change, metadata: precondition }), isObject);
    },
  };
  const inTurn = pLimit(mostRightsAtOnce);
  const mayI = async (resourceAttributes: RightQuestion) => {
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    };
    const answer = parsed<ReviewBody>(
      await inTurn(() => call('POST', collectionPath(body), body)),
      ({ status }) => typeof status?.allowed === 'boolean',
    );
    return mapped(answer, ({ status }) => status.allowed);
  };
  return { reader, writer, mayI, aheadMs, credentialsEnd, server, close };
}
