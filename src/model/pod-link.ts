import type { Link } from './network.ts';

/** Kinds of devices whose other end stands in a pod. */
const podKinds: ReadonlySet<string> = new Set(['veth', 'netkit']);

/**
 * The host side of a pod's interface. By its name, as Calico's CNI plugin gives it. Other plugins name it otherwise
 * (`eni…`, `azv…`, `lxc…`): there it is the one device to another network namespace by which the
 * pod's /32 (of IPv6 /128) leaves.
 * @returns null where neither tells
 */
export function podLink(
  links: readonly Link[],
  pod: { readonly interface: string | null; readonly address: string },
): Link | null {
  if (pod.interface === null) return null;
  const named = links.find(({ name }) => name === pod.interface);
  if (named) return named;
  const [only, ...others] = links.filter(
    ({ kind, peerNamespace, hostRoutes = [] }) =>
      podKinds.has(kind ?? '') && peerNamespace !== null && hostRoutes.includes(pod.address),
  );
  return only && others.length === 0 ? only : null;
}
