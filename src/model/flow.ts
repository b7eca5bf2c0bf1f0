/** The flow that is judged, and its ends. */
import type { FlowPort } from './target.ts';

/** The flow that is judged, settled from the target: who sends, what, to which address. */
export interface Flow {
  readonly source: FlowEnd;
  /** Also tried: a pod on the target's own node, when there is one. */
  readonly sameNodeSource: FlowEnd | null;
  readonly destination: FlowEnd;
  /** The Service that the flow goes to, where a node translates its address. Not given: none was asked about. */
  readonly service?: FlowService;
  /** Other pods behind what was named: each is tried once on the judged port. */
  readonly otherPods?: readonly FlowEnd[];
  /** The judged port: captures, counters and walks work on it. */
  readonly port: FlowPort;
  /** The pod's other declared TCP ports, where none was asked for: each is tried once. At most seven. */
  readonly otherPorts: readonly OtherPort[];
  /** Declared ports that are not tried, and so never called healthy. */
  readonly untriedPorts: readonly UntriedPort[];
  /** The source was given, not chosen. */
  readonly asked: boolean;
  /**
   * Sources that a policy refuses by design (it admits others), with the policy's name. `ports`: only on these; null:
   * on every declared one.
   */
  readonly refusedByDesign: readonly {
    readonly source: string;
    readonly policy: string;
    readonly ports: readonly FlowPort[] | null;
  }[];
}

export interface FlowService {
  /** `namespace/name`. */
  readonly name: string;
  readonly address: string;
  /** Its own, which may be another than the judged port of its pod. */
  readonly port: FlowPort;
}

/** `source`: the flow's own, or one on the source's or the target's node that its policy admits instead. */
interface OtherPort {
  readonly port: FlowPort;
  readonly source: FlowEnd;
}

/**
 * `refused`: a policy refuses the chosen source on it, and admits another (`pod:NS/NAME`) on a third node; null: there
 * are more ports than are tried in one run.
 */
export interface UntriedPort {
  readonly port: FlowPort;
  readonly refused: { readonly policy: string; readonly admitted: string } | null;
}

export interface FlowEnd {
  readonly kind: 'pod' | 'node' | 'outside';
  readonly namespace: string | null;
  readonly name: string;
  readonly address: string;
  /** Kubernetes name of the node; null outside. */
  readonly node: string | null;
  readonly nodeAddress: string | null;
  /** Host-side interface; null for nodes and outside. */
  readonly interface: string | null;
}
