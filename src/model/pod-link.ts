import type { Link } from './network.ts';

/** Kinds of devices whose other end stands in a pod. */
const podKinds: ReadonlySet<string> = new Set(['veth', 'netkit']);

/** The digits that the usual name of a pod's interface ends with: of a hash of its namespace and name. */
const hash = /[0-9a-f]{11}$/;

/**
 * Returns the host side of a pod's interface. By its name, as Calico's CNI plugin gives it. Plugins beside which Calico
 * carries out the policies give it another prefix and the same hash (`eni…`, `azv…`, `gke…`). Others name it otherwise
 * (`lxc…`): there it is the one device to another network namespace by which the pod's /32 (of IPv6 /128) leaves.
 * @returns null if none of these tells
 */
export function podLink(
  links: readonly Link[],
  pod: { readonly interface: string | null; readonly address: string },
): Link | null {
  if (pod.interface === null) return null;
  const [digits] = hash.exec(pod.interface) ?? [];
  const named = links.find(({ name }) => name === pod.interface);
  if (named) return named;
  const ofPods = links.filter(({ kind }) => podKinds.has(kind ?? ''));
  const ofHash = ofPods.find(({ name }) => digits !== undefined && hash.exec(name)?.[0] === digits);
  if (ofHash) return ofHash;
  const [only, ...others] = ofPods.filter(
    ({ peerNamespace, hostRoutes = [] }) => peerNamespace !== null && hostRoutes.includes(pod.address),
  );
  return only && others.length === 0 ? only : null;
}
