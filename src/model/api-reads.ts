/**
 * Reads of the Kubernetes API as probes and fixes declare them. The rights of the bot's account are generated from the
 * declarations, so a read that nobody declared would be refused on a cluster: it is refused here first.
 */
import type { ApiAnswer, ClusterReader } from './ports.ts';

export interface ApiRead {
  readonly verb: 'get' | 'list' | 'create';
  readonly apiVersion: string;
  readonly kind: string;
  /** `log` of a pod. */
  readonly subresource?: 'log';
  /** `calico`: in Calico's namespaces alone. `cluster`: anywhere, or an object that is in no namespace. */
  readonly where: 'cluster' | 'calico';
  /** Objects of these names alone. */
  readonly names?: readonly string[];
}

type Asked = Pick<ApiRead, 'verb' | 'apiVersion' | 'kind' | 'subresource'> & {
  readonly namespace?: string | undefined;
  readonly name?: string;
};

export const reviewsAccess: ApiRead = {
  verb: 'create',
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  where: 'cluster',
};

/**
 * Returns a reader that passes on declared reads alone.
 * @param owner whose declaration it is, for the message
 * The reader's methods throw TypeError for an undeclared read: a bug of the owner.
 */
export function declaredReader(
  cluster: ClusterReader,
  reads: readonly ApiRead[],
  calicoNamespaces: readonly string[],
  owner: string,
): ClusterReader {
  const guarded = <T>(asked: Asked, ask: () => Promise<ApiAnswer<T>>): Promise<ApiAnswer<T>> => {
    if (reads.some((read) => isOf(read, asked, calicoNamespaces))) return ask();
    const { verb, kind, subresource, namespace, name } = asked;
    const words = [verb, subresource ? `${kind}/${subresource}` : kind, name, namespace && `in ${namespace}`];
    throw new TypeError(`${owner} does not declare that it reads: ${words.filter(Boolean).join(' ')}`);
  };
  return {
    read: async (reference) => guarded({ verb: 'get', ...reference }, () => cluster.read(reference)),
    list: async (query) => guarded({ verb: 'list', ...query }, () => cluster.list(query)),
    podLog: async (query) =>
      guarded(
        { verb: 'get', apiVersion: 'v1', kind: 'Pod', subresource: 'log', namespace: query.namespace, name: query.pod },
        () => cluster.podLog(query),
      ),
    accessReview: async (question) => guarded(reviewsAccess, () => cluster.accessReview(question)),
  };
}

function isOf(
  read: ApiRead,
  { verb, apiVersion, kind, subresource, namespace, name }: Asked,
  calicoNamespaces: readonly string[],
): boolean {
  return (
    read.verb === verb &&
    read.apiVersion === apiVersion &&
    read.kind === kind &&
    read.subresource === subresource &&
    (read.where === 'cluster' || (namespace !== undefined && calicoNamespaces.includes(namespace))) &&
    (read.names === undefined || (name !== undefined && read.names.includes(name)))
  );
}
