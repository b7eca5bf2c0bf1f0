import type { LastChange } from '../../model/fix.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';

/** An object as it was read, under the name by which people know it. */
interface Named {
  readonly kind: string;
  readonly object: KubernetesObject;
}

/**
 * Returns the last change of any of these objects, as the API server keeps it in managedFields; undefined: it does not
 * say when. What a controller says of its state is not a change. A writer whose name nobody knows is not named.
 */
export function lastChange(objects: readonly Named[]): LastChange | undefined {
  return objects
    .flatMap(({ kind, object: { metadata } }) =>
      (metadata.managedFields ?? []).flatMap(({ manager, subresource, time }) =>
        time === undefined || subresource === 'status'
          ? []
          : [
              {
                object: `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`,
                by: manager ?? 'another program',
                at: time,
              },
            ],
      ),
    )
    .toSorted((one, other) => one.at.localeCompare(other.at))
    .at(-1);
}
