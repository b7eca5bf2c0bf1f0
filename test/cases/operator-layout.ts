/** The same cluster as if Calico's operator had installed Calico: other namespace, other owners, an Installation. */
import type { KubernetesObject, ObjectMeta } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader } from '../../src/model/ports.ts';
import { byInstallation, installationOf, statusOf } from '../support/installs.ts';

const [manifests, operators] = ['kube-system', 'calico-system'];
const at = '2026-11-23T18:00:00.000Z';

/** @param linuxDataplane of the Installation; not given: it does not say */
export function inOperatorLayout(cluster: ClusterReader, linuxDataplane?: string): ClusterReader {
  return {
    ...cluster,
    async read<T extends KubernetesObject>(reference: Parameters<ClusterReader['read']>[0]) {
      const request = `GET ${reference.kind} ${reference.namespace ?? ''}/${reference.name}`;
      if (reference.kind === 'Installation')
        return { ok: true, value: installationOf(linuxDataplane) as KubernetesObject as T, request, at };
      if (reference.kind !== 'DaemonSet' && reference.kind !== 'Deployment') return cluster.read<T>(reference);
      if (reference.namespace !== operators) return { ok: false, status: 404, reason: 'there is none', request, at };
      return moved(await cluster.read<T>({ ...reference, namespace: manifests }), (object) => ({
        ...object,
        metadata: { ...movedMeta(object.metadata), ...byInstallation },
      }));
    },
    async list<T extends KubernetesObject>(query: Parameters<ClusterReader['list']>[0]) {
      if (query.kind === 'TigeraStatus')
        return { ok: true, value: [statusOf('calico') as KubernetesObject as T], request: 'LIST TigeraStatus', at };
      if (query.namespace === manifests) return { ok: true, value: [], request: `LIST ${query.kind}`, at };
      if (query.namespace !== operators) return cluster.list<T>(query);
      return moved(await cluster.list<T>({ ...query, namespace: manifests }), (objects) =>
        objects.map((object) => ({ ...object, metadata: movedMeta(object.metadata) })),
      );
    },
    accessReview: (question) =>
      cluster.accessReview({ ...question, user: question.user.replace(`:${operators}:`, `:${manifests}:`) }),
  };
}

function movedMeta(metadata: ObjectMeta): ObjectMeta {
  return { ...metadata, namespace: operators };
}

function moved<T>(answer: ApiAnswer<T>, move: (value: T) => T): ApiAnswer<T> {
  return answer.ok ? { ...answer, value: move(answer.value) } : answer;
}
