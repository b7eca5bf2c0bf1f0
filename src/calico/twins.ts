import type { AddressFamily } from '../model/addresses.ts';
import type { Flow, FlowEnd } from '../model/flow.ts';
import type { Pod } from '../model/kubernetes.ts';
import { hostInterfaceName } from './endpoint-names.ts';
import { isReachable, statedAddress } from './trusted-address.ts';

/** A pod with an interface of its own. */
export type TwinEnd = FlowEnd & { readonly interface: string };

/**
 * Returns the pods that can show how something looks where it is right: others of the end's node that run, those of its
 * namespace first. Nothing may be sent to their addresses: nobody checked them.
 */
export function twinsOf(end: FlowEnd, flow: Flow, pods: readonly Pod[], family: AddressFamily = 4): readonly TwinEnd[] {
  const ends = [flow.source, flow.destination].map(({ namespace, name }) => `${namespace}/${name}`);
  return pods
    .flatMap((pod): TwinEnd[] => {
      const { namespace = 'default', name } = pod.metadata;
      const address = statedAddress(pod, family);
      if (pod.spec.nodeName !== end.node || pod.spec.hostNetwork || !isReachable(pod, family) || address === null)
        return [];
      return [{ ...end, kind: 'pod', namespace, name, address, interface: hostInterfaceName(namespace, name) }];
    })
    .filter(({ namespace, name }) => !ends.includes(`${namespace}/${name}`))
    .toSorted((a, b) => placeOf(a, end) - placeOf(b, end) || nameOf(a).localeCompare(nameOf(b), 'en'));
}

function placeOf({ namespace }: TwinEnd, end: FlowEnd): number {
  return namespace === end.namespace ? 0 : 1;
}

function nameOf({ namespace, name }: TwinEnd): string {
  return `${namespace}/${name}`;
}
