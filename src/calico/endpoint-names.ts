import { createHash } from 'node:crypto';

/** `<node>-k8s-<pod>-eth0`, each part's dashes doubled (libcalico-go names/workloadendpoint.go). */
export function workloadEndpointName(node: string, pod: string): string {
  return [node, 'k8s', pod, 'eth0'].map((part) => part.replaceAll('-', '--')).join('-');
}

/** The host-side interface that CNI and Felix name for a pod: `cali` and 11 hex digits of SHA-1("namespace.pod"). */
export function hostInterfaceName(namespace: string, pod: string): string {
  return `cali${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`;
}
