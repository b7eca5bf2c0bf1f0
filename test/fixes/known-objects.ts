import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader, ClusterWriter } from '../../src/model/ports.ts';

const refuse = () => {
  throw new Error('this test asks for single objects alone');
};

/** A cluster that holds these objects and answers nothing but reads of one of them. */
export function knownObjects(objects: readonly KubernetesObject[]): ClusterReader {
  return {
    async read<T extends KubernetesObject>({
      kind,
      namespace,
      name,
    }: Parameters<ClusterReader['read']>[0]): Promise<ApiAnswer<T>> {
      const found = objects.find(
        (object) => object.kind === kind && object.metadata.name === name && object.metadata.namespace === namespace,
      );
      const said = { request: `GET ${kind} ${name}`, at: '2026-01-01T00:00:00.000Z' };
      // The test vouches for the shape of its objects.
      return found
        ? { ok: true, value: JSON.parse(JSON.stringify(found)), ...said }
        : { ok: false, status: 404, reason: `404 NotFound: ${name}`, ...said };
    },
    list: refuse,
    podLog: refuse,
    accessReview: refuse,
  };
}

export const noWrites: ClusterWriter = {
  merge: () => Promise.reject(new Error('this fix writes nothing to the API server')),
};
