/** A cluster that holds given objects and answers queries as the API server does: by namespace, labels, fields and limit. */
import type { KubernetesObject, Pod } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../src/model/ports.ts';

const at = '2026-11-23T18:00:00.000Z';

/**
 * @param refused status of every request about `kind` or `kind namespace`; null: no answer
 * @param logs by `namespace/pod`; a log that is not given is a 404
 */
export function clusterOf(
  objects: readonly KubernetesObject[],
  {
    refused = {},
    logs = {},
  }: { refused?: Readonly<Record<string, number | null>>; logs?: Readonly<Record<string, string>> } = {},
): ClusterReader {
  const answer = <T>(
    request: string,
    kind: string,
    namespace: string | undefined,
    value: () => T | null,
  ): ApiAnswer<T> => {
    const status = [`${kind} ${namespace ?? ''}`, kind].map((key) => refused[key]).find((one) => one !== undefined);
    const found = status === undefined ? value() : null;
    if (found !== null) return { ok: true, value: found, request, at };
    return { ok: false, status: status === undefined ? 404 : status, reason: 'not here', request, at };
  };
  return {
    read: async <T extends KubernetesObject>({
      apiVersion,
      kind,
      namespace,
      name,
    }: Parameters<ClusterReader['read']>[0]) =>
      answer(
        `read ${kind}`,
        kind,
        namespace,
        () =>
          (objects.find(
            (one) => isOf(one, apiVersion, kind) && one.metadata.namespace === namespace && one.metadata.name === name,
          ) as T | undefined) ?? null,
      ),
    list: async <T extends KubernetesObject>({
      apiVersion,
      kind,
      namespace,
      labelSelector,
      fieldSelector,
      limit,
    }: Parameters<ClusterReader['list']>[0]) =>
      answer(
        `list ${kind}`,
        kind,
        namespace,
        () =>
          objects
            .filter(
              (one) =>
                isOf(one, apiVersion, kind) &&
                (namespace === undefined || one.metadata.namespace === namespace) &&
                hasLabels(one, labelSelector) &&
                hasFields(one, fieldSelector),
            )
            .slice(0, limit) as unknown as readonly T[],
      ),
    podLog: async ({ namespace, pod }) =>
      answer(`log of ${namespace}/${pod}`, 'Log', namespace, () => logs[`${namespace}/${pod}`] ?? null),
    accessReview: async (question) => ({
      ok: true,
      value: { ...question, allowed: true, reason: '' },
      request: 'review',
      at,
    }),
  };
}

/** An object that does not say its group is of any. */
function isOf(object: KubernetesObject, apiVersion: string, kind: string): boolean {
  return object.kind === kind && (object.apiVersion ?? apiVersion) === apiVersion;
}

function hasLabels({ metadata }: KubernetesObject, selector: string | undefined): boolean {
  if (selector === undefined) return true;
  const [, key = '', among] = /^(\S+) in \((.*)\)$/.exec(selector) ?? [];
  if (among !== undefined) return among.split(', ').includes(metadata.labels?.[key] ?? '');
  return selector.split(',').every((part) => metadata.labels?.[part.split('=')[0] ?? ''] === part.split('=')[1]);
}

function hasFields(object: KubernetesObject, selector: string | undefined): boolean {
  const { spec, status } = object as Pod;
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.namespace': object.metadata.namespace,
    'metadata.name': object.metadata.name,
    'spec.nodeName': spec?.nodeName,
    'status.podIP': status?.podIP,
    'spec.serviceAccountName': spec?.serviceAccountName,
  };
  return (selector?.split(',') ?? []).every((part) => {
    const [, field = '', not, value] = /^([^!=]+)(!?)=(.*)$/.exec(part) ?? [];
    if (!(field in fields)) throw new Error(`no field ${field} in queries`);
    return (fields[field] === value) === (not === '');
  });
}
