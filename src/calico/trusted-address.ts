/**
 * Which address of a pod or a node is believed. Everybody who may write an object's status may write it: a packet is
 * sent only to an address that the object can have.
 */
import { isIP } from 'node:net';
import type { IPPool } from '../model/calico.ts';
import type { UnavailableCode } from '../model/evidence.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import { addressRange, rangeHolds } from '../model/addresses.ts';

/** What the cluster is known to have. `pools` null: they could not be read. */
export interface Addressing {
  readonly nodes: readonly KubernetesNode[];
  /** Calico's pools, disabled ones too: pods keep the addresses that they have. */
  readonly pools: readonly IPPool[] | null;
}
export type TrustedAddress =
  | { readonly address: string }
  | { readonly address: null; readonly code: UnavailableCode; readonly why: string };

const special: readonly (readonly [string, string])[] = [
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
];

/** Returns the first IPv4 address of the pod, whatever it is; null where it has none. */
export function statedAddress({ status }: Pod): string | null {
  return statedAddresses(status).find((address) => isIP(address) === 4) ?? null;
}

/** Does the pod run, and have an IPv4 address? */
export function isReachable(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp && statedAddress(pod) !== null;
}

/** Returns the pod's address where the pod can have it: its node's for hostNetwork, else one of a pool. */
export function podAddress(pod: Pod, { nodes, pools }: Addressing): TrustedAddress {
  const stated = statedAddresses(pod.status);
  const address = statedAddress(pod);
  const name = `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  if (stated.length === 0) return none('not-applicable', `${name} has no address yet`);
  if (address === null)
    return none(
      'not-supported',
      `${name} has no IPv4 address (${stated.join(', ').slice(0, 100)})${ipv6Next(stated, pod.spec.nodeName)}`,
    );
  const refuse = (why: string) =>
    none('not-credible', `${name} has the address ${address}, ${why}. Nothing was sent to it`);
  const kind = specialKind(address);
  if (kind) return refuse(`which no pod can have (${kind})`);
  if (pod.spec.hostNetwork) {
    const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
    const own = node ? nodeAddress(node, nodes).address : null;
    return own === address
      ? { address }
      : refuse(
          `and it uses the network of node ${pod.spec.nodeName ?? '(none)'}, whose address is ${own ?? 'not known'}`,
        );
  }
  const owner = nodes.find((node) => internalAddress(node) === address);
  if (owner) return refuse(`which is the address of node ${owner.metadata.name}`);
  // Without any pool another plugin gives out the addresses.
  if (pools !== null && pools.length > 0 && !pools.some(({ spec }) => holds(spec.cidr, address))) {
    return refuse(
      `which is in none of Calico's pools (${pools
        .map(({ spec }) => spec.cidr)
        .join(', ')
        .slice(0, 200)})`,
    );
  }
  return { address };
}

/** What is known of a flow of IPv6, and what a person can look at. */
function ipv6Next(stated: readonly string[], node: string | undefined): string {
  const address = stated.find((one) => isIP(one) === 6);
  return address === undefined || node === undefined
    ? ''
    : `. ${ipv6Words}. On ${node}, run ip -6 route get ${address}; ip6tables-save -c`;
}

/** Returns why an address outside the cluster cannot be an end of the flow; null: it can. */
export function unjudgedAddress(address: string): string | null {
  return isIP(address) === 6
    ? `${address} is an IPv6 address. ${ipv6Words}. On the node of the pod, run ip -6 route get ${address}`
    : null;
}

const ipv6Words = 'Packets of IPv6 are not judged yet: nothing was sent or walked';

/** Returns the other family's address of a pod that is judged by its IPv4 one; null where it has none. */
export function unjudgedPodAddress({ status }: Pod): string | null {
  const stated = statedAddresses(status);
  return stated.some((one) => isIP(one) === 4) ? (stated.find((one) => isIP(one) === 6) ?? null) : null;
}

/** Returns the address at which the bot reaches the node: of IPv6 only where it has no other. */
export function nodeReachedAt(node: KubernetesNode, nodes: readonly KubernetesNode[]): TrustedAddress {
  const [own] = internalIPv6(node);
  if (internalAddress(node) !== null || own === undefined) return nodeAddress(node, nodes);
  const isOthers = nodes.some(
    (other) => other.metadata.name !== node.metadata.name && internalIPv6(other).includes(own),
  );
  return isOthers
    ? none('not-credible', `node ${node.metadata.name} and another one both claim the address ${own}`)
    : { address: own };
}

const specialIPv6: readonly string[] = ['::/127', 'fe80::/10', 'ff00::/8', '::ffff:0:0/96'];

function internalIPv6({ status }: KubernetesNode): readonly string[] {
  return (status?.addresses ?? []).flatMap(({ type, address }) =>
    type === 'InternalIP' && isIP(address) === 6 && !specialIPv6.some((cidr) => holds(cidr, address)) ? [address] : [],
  );
}

/** Returns the node's InternalIP where no other node claims it too. */
export function nodeAddress(node: KubernetesNode, nodes: readonly KubernetesNode[]): TrustedAddress {
  const { name } = node.metadata;
  const address = internalAddress(node);
  if (address === null) return none('needed-fact-missing', `node ${name} has no IPv4 InternalIP that a node can have`);
  const other = nodes.find((candidate) => candidate.metadata.name !== name && internalAddress(candidate) === address);
  return other
    ? none(
        'not-credible',
        `nodes ${name} and ${other.metadata.name} both claim the address ${address}. Nothing was sent to it`,
      )
    : { address };
}

/** The InternalIP that the node states; null where it is none that a node can have. */
export function internalAddress({ status }: KubernetesNode): string | null {
  return (
    status?.addresses?.find(
      ({ type, address }) => type === 'InternalIP' && isIP(address) === 4 && specialKind(address) === null,
    )?.address ?? null
  );
}

function statedAddresses(status: Pod['status']): readonly string[] {
  return [
    ...new Set(
      [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].flatMap((address) => (address ? [address] : [])),
    ),
  ];
}

function specialKind(address: string): string | null {
  return special.find(([cidr]) => holds(cidr, address))?.[1] ?? null;
}

function holds(cidr: string, address: string): boolean {
  const range = addressRange(cidr);
  return range !== null && rangeHolds(range, address);
}

function none(code: UnavailableCode, why: string): TrustedAddress {
  return { address: null, code, why };
}
