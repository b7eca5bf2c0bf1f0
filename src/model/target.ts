/** The flow asked about: a pod, optionally a source and a protocol with a port. */
export interface Target {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  /** null: several sources are tried. */
  readonly from: FlowSource | null;
  /** null: the pod's declared TCP ports, or ICMP where it declares none. */
  readonly port: FlowPort | null;
}

export type FlowSource =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'outside'; readonly address: string };

export type FlowPort = { readonly protocol: 'tcp' | 'udp'; readonly number: number } | { readonly protocol: 'icmp' };
