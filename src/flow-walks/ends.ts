/** The two ends of a flow, as pods and nodes have them. */
import type { FlowEnd } from '../model/flow.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import type { FlowPort } from '../model/target.ts';
import { hostInterfaceName } from '../calico/endpoint-names.ts';
import { nodeAddress, podAddress, type Addressing } from '../calico/trusted-address.ts';

/**
 * Returns what to judge when no port was asked for: each declared TCP port of the pod, in order; ICMP if it declares
 * none.
 */
export function declaredPorts(pod: Pod): readonly [FlowPort, ...FlowPort[]] {
  const ports = pod.spec.containers
    .flatMap((container) => container.ports ?? [])
    .filter((port) => (port.protocol ?? 'TCP') === 'TCP');
  const [first, ...others] = [...new Set(ports.map(({ containerPort }) => containerPort))].map((number): FlowPort => ({
    protocol: 'tcp',
    number,
  }));
  return first ? [first, ...others] : [{ protocol: 'icmp' }];
}

/** Returns a pod as an end of the flow; null: the pod has no valid address, and `podAddress` says why. */
export function podEnd(pod: Pod, addressing: Addressing): FlowEnd | null {
  const { address } = podAddress(pod, addressing);
  if (address === null) return null;
  const { nodes, family } = addressing;
  const namespace = pod.metadata.namespace ?? 'default';
  const node = nodes.find((candidate) => candidate.metadata.name === pod.spec.nodeName);
  return {
    kind: 'pod',
    namespace,
    name: pod.metadata.name,
    address,
    node: pod.spec.nodeName ?? null,
    nodeAddress: node ? nodeAddress(node, nodes, family).address : null,
    interface: pod.spec.hostNetwork ? null : hostInterfaceName(namespace, pod.metadata.name),
  };
}

/** Returns a node as an end of the flow; null: the node has no address. */
export function nodeEnd(node: KubernetesNode, { nodes, family }: Pick<Addressing, 'nodes' | 'family'>): FlowEnd | null {
  const { address } = nodeAddress(node, nodes, family);
  return address
    ? {
        kind: 'node',
        namespace: null,
        name: node.metadata.name,
        address,
        node: node.metadata.name,
        nodeAddress: address,
        interface: null,
      }
    : null;
}

/** An address that no node of the cluster has. */
export function outsideEnd(address: string): FlowEnd {
  return { kind: 'outside', namespace: null, name: address, address, node: null, nodeAddress: null, interface: null };
}

/**
 * Is the end a node, or a hostNetwork pod, which shares its node's network? Calico's chains for pods do not see its
 * packets.
 */
export function isOnNodeNetwork(end: FlowEnd): boolean {
  return end.kind !== 'outside' && end.interface === null;
}
