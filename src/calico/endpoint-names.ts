import { createHash } from 'node:crypto';

export const usualInterfacePrefix = 'cali';

/** `<node>-k8s-<pod>-eth0`, each part's dashes doubled (libcalico-go names/workloadendpoint.go). */
export function workloadEndpointName(node: string, pod: string): string {
  return [node, 'k8s', pod, 'eth0'].map((part) => part.replaceAll('-', '--')).join('-');
}

/**
 * The host-side interface that CNI and Felix name for a pod: a prefix and 11 hex digits of SHA-1("namespace.pod").
 * @param prefix the first of Felix's own setting; `cali` where it has none
 */
export function hostInterfaceName(namespace: string, pod: string, prefix = usualInterfacePrefix): string {
  return `${prefix}${createHash('sha1').update(`${namespace}.${pod}`).digest('hex').slice(0, 11)}`;
}
