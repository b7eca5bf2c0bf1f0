/**
 * Which address of a pod or a node is believed. Everybody who may write an object's status may write it: a packet is
 * sent only to an address that the object can have.
 */
import { isIP } from 'node:net';
import type { IPPool } from '../model/calico.ts';
import type { UnavailableCode } from '../model/evidence.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import { addressRange, familyOf, rangeHolds, shortestForm, type AddressFamily } from '../model/addresses.ts';
import { isOfType, refusedValues } from '../model/command.ts';
import type { ServiceState } from '../model/service.ts';
import type { Target } from '../model/target.ts';

/** What the cluster is known to have. `pools` null: they could not be read. */
export interface Addressing {
  readonly nodes: readonly KubernetesNode[];
  /** Calico's pools, disabled ones too: pods keep the addresses that they have. */
  readonly pools: readonly IPPool[] | null;
  /** Of the addresses that are wanted. Absent: IPv4. */
  readonly family?: AddressFamily;
}
export type TrustedAddress =
  | { readonly address: string }
  | { readonly address: null; readonly code: UnavailableCode; readonly why: string };

/** Read once: every address of every node is looked up here. */
const special = [
  ['0.0.0.0/8', 'unspecified'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fe80::/10', 'link-local'],
  ['ff00::/8', 'multicast'],
  ['::ffff:0:0/96', 'an IPv4 address'],
].flatMap(([cidr = '', kind = '']) => {
  const range = addressRange(cidr);
  return range === null ? [] : [{ range, kind }];
});

/** What of a target says by which addresses its flow is judged. */
type AskedFamily = Pick<Target, 'kind' | 'pod' | 'from' | 'to' | 'family'>;

/**
 * Returns the family that was asked for: that of the address outside the cluster, or of the pod's own one, where it was
 * asked about one; else the one that was named; null: none.
 */
export function askedFamily({ kind, pod: named, from, to, family }: AskedFamily): AddressFamily | null {
  for (const end of [from, to]) if (end?.kind === 'outside') return familyOf(end.address);
  if (kind === 'address') return familyOf(named);
  return family ?? null;
}

/**
 * Returns the family in which a flow of the pod is judged: the one that was asked for; else that of the Service; else
 * IPv6 only where the pod has no IPv4 address.
 */
export function judgedFamily(
  pod: Pod,
  target: AskedFamily,
  service: Pick<ServiceState, 'family'> | null = null,
): AddressFamily {
  const asked = askedFamily(target);
  if (asked !== null) return asked;
  if (service?.family === 6 && (statedAddress(pod, 6) !== null || statedAddress(pod, 4) === null)) return 6;
  return statedAddress(pod, 4) === null && statedAddress(pod, 6) !== null ? 6 : 4;
}

/** Returns the first address of the pod in the family, whatever it is; null where it has none. */
export function statedAddress({ status }: Pod, family: AddressFamily = 4): string | null {
  return statedAddresses(status).find((address) => isIP(address) === family) ?? null;
}

/** Does the pod run, and have an address of the family? */
export function isReachable(pod: Pod, family: AddressFamily = 4): boolean {
  return pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp && statedAddress(pod, family) !== null;
}

/** Returns the pod's address where the pod can have it: its node's for hostNetwork, else one of a pool. */
export function podAddress(pod: Pod, { nodes, pools, family = 4 }: Addressing): TrustedAddress {
  const stated = statedAddresses(pod.status);
  const address = statedAddress(pod, family);
  const name = `pod ${pod.metadata.namespace}/${pod.metadata.name}`;
  if (stated.length === 0) return none('not-applicable', `${name} has no address yet`);
  if (address === null) return none('not-supported', withoutAddress(name, family, stated));
  const refuse = (why: string) =>
    none('not-credible', `${name} has the address ${address}, ${why}. Nothing was sent to it`);
  const kind = specialKind(address);
  if (kind) return refuse(`which no pod can have (${kind})`);
  if (!isSentTo(address)) return refuse(`which is ${notSentTo(address)}`);
  if (pod.spec.hostNetwork) {
    const node = nodes.find(({ metadata }) => metadata.name === pod.spec.nodeName);
    const own = node ? nodeAddress(node, nodes, family).address : null;
    return own === address
      ? { address }
      : refuse(
          `and it uses the network of node ${pod.spec.nodeName ?? '(none)'}, whose address is ${own ?? 'not known'}`,
        );
  }
  const owner = nodes.find((node) => internalAddress(node, family) === address);
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

/** Says that an end of the flow has addresses of the other family alone. */
export function withoutAddress(name: string, family: AddressFamily, stated: readonly string[]): string {
  const own = stated.length === 0 ? '' : ` (${stated.join(', ').slice(0, 100)})`;
  return `${name} has no IPv${family} address${own}, and the flow is of IPv${family}`;
}

/** Returns why an address cannot be an end of the flow; null: it can. Of IPv4 only those of clouds cannot. */
export function unjudgedAddress(address: string): string | null {
  return isSentTo(address) ? null : `${address} is ${notSentTo(address)}. Nothing was sent to it`;
}

function notSentTo(address: string): string {
  const clouds = 'one that clouds keep for themselves';
  return familyOf(address) === 4 ? clouds : `none of 2000::/3 and fc00::/7, or is ${clouds}`;
}

function isSentTo(address: string): boolean {
  return familyOf(address) === 4 ? refusedValues.address?.test(address) !== true : isOfType('address', address);
}

/** Returns the address of the pod in the family in which it is not judged; null where it has none. */
export function unjudgedPodAddress(pod: Pod, judged: AddressFamily): string | null {
  return statedAddress(pod, judged) === null ? null : statedAddress(pod, judged === 4 ? 6 : 4);
}

/** Returns the address at which the bot reaches the node: of IPv6 only where it has no other. */
export function nodeReachedAt(node: KubernetesNode, nodes: readonly KubernetesNode[]): TrustedAddress {
  const only6 = internalAddress(node) === null && internalAddress(node, 6) !== null;
  return nodeAddress(node, nodes, only6 ? 6 : 4);
}

/** Returns the node's InternalIP of the family where no other node claims it too. */
export function nodeAddress(
  node: KubernetesNode,
  nodes: readonly KubernetesNode[],
  family: AddressFamily = 4,
): TrustedAddress {
  const { name } = node.metadata;
  const address = internalAddress(node, family);
  if (address === null)
    return none('needed-fact-missing', `node ${name} has no IPv${family} InternalIP that a node can have`);
  const other = nodes.find(
    (candidate) => candidate.metadata.name !== name && internalAddress(candidate, family) === address,
  );
  return other
    ? none(
        'not-credible',
        `nodes ${name} and ${other.metadata.name} both claim the address ${address}. Nothing was sent to it`,
      )
    : { address };
}

/** The InternalIP that the node states; null where it is none that a node can have. */
export function internalAddress({ status }: KubernetesNode, family: AddressFamily = 4): string | null {
  const own = (status?.addresses ?? []).flatMap(({ type, address }) =>
    type === 'InternalIP' && isIP(address) === family ? [shortestForm(address)] : [],
  );
  return own.find((address) => specialKind(address) === null && isSentTo(address)) ?? null;
}

function statedAddresses(status: Pod['status']): readonly string[] {
  return [
    ...new Set(
      [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].flatMap((address) =>
        address ? [shortestForm(address)] : [],
      ),
    ),
  ];
}

function specialKind(address: string): string | null {
  return special.find(({ range }) => rangeHolds(range, address))?.kind ?? null;
}

function holds(cidr: string, address: string): boolean {
  const range = addressRange(cidr);
  return range !== null && rangeHolds(range, address);
}

function none(code: UnavailableCode, why: string): TrustedAddress {
  return { address: null, code, why };
}
