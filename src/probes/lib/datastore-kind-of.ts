import type { Datastore } from '../../model/control-plane.ts';
import type { DatastoreKind } from '../../model/datastore-kind.ts';
import type { Fact } from '../../model/evidence.ts';

/** The kind that the cluster says, else the one that calicoctl's settings on a node say; null: neither does. */
export async function datastoreKindOf(
  { kind }: DatastoreKind,
  askDatastore: () => Promise<Fact<Datastore>>,
): Promise<DatastoreKind['kind']> {
  if (kind !== null) return kind;
  const datastore = await askDatastore();
  return datastore.status === 'observed' ? datastore.value.kind : null;
}
