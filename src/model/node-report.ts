/** What the API server knows of a node. */
export interface NodeReport {
  readonly node: string;
  /** As the kubelet says; `unknown`: it does not, or the node could not be read. */
  readonly ready: 'yes' | 'no' | 'unknown';
  /** `InternalIP 192.0.2.7` … */
  readonly addresses: readonly string[];
  /** Pods on it; null: they could not be listed. */
  readonly pods: number | null;
  /** Pods of Calico on it. */
  readonly calico: readonly { readonly name: string; readonly phase: string; readonly ready: boolean }[];
  /** Why something of it is missing here. */
  readonly unread: readonly string[];
}
