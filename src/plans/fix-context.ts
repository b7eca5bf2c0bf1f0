import { declaredReader } from '../model/api-reads.ts';
import { defaultCalicoNamespaces } from '../model/calico-components.ts';
import type { Fix, FixContext } from '../model/fix.ts';
import type { ClusterAccess } from '../model/cluster-access.ts';

/** Returns what a fix may touch: of the API's reads, those alone that it declares. */
export function fixContext(access: ClusterAccess, { id, reads = [] }: Pick<Fix, 'id' | 'reads'>): FixContext {
  const { cluster, writer, shells, clock, calicoNamespaces = defaultCalicoNamespaces } = access;
  return { cluster: declaredReader(cluster, reads, calicoNamespaces, id), writer, shells, clock };
}
