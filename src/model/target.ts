import type { AddressFamily } from './addresses.ts';

/** The flow asked about: a pod, optionally the other end of the flow, and a protocol with a port. */
export interface Target {
  readonly cluster: string;
  readonly namespace: string;
  /** Name of the pod, or of what `kind` says. */
  readonly pod: string;
  /** What stands for pods. Not given: the pod itself. */
  readonly kind?: TargetKind | undefined;
  /** null: several sources are tried. */
  readonly from: FlowSource | null;
  /** Where the flow goes that the pod sends. Not given: the flow goes to the pod. */
  readonly to?: FlowGoal | undefined;
  /** null: the pod's declared TCP ports, or ICMP where it declares none. */
  readonly port: FlowPort | null;
  /** So many seconds the packets of the source itself are waited for. Not given: test packets are sent. */
  readonly wait?: number | undefined;
  /** By which addresses the flow is judged. Not given: by what is asked about, else by IPv4 where the pod has it. */
  readonly family?: AddressFamily | undefined;
}

/** `selector`: the name is a list of labels, as kubectl takes them. `address`: it is the address of a pod. */
export type TargetKind = 'service' | 'deployment' | 'statefulset' | 'daemonset' | 'selector' | 'address';

export type FlowSource =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'outside'; readonly address: string };

/** What is no pod. */
export type FlowGoal = Exclude<FlowSource, { readonly kind: 'pod' }> | { readonly kind: 'api' };

export type FlowPort = { readonly protocol: 'tcp' | 'udp'; readonly number: number } | { readonly protocol: 'icmp' };
