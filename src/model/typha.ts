/** Typha, which passes the datastore on to every Felix, where a cluster has it. */
export interface Typha {
  readonly namespace: string;
  readonly name: string;
  /** Pods that its Deployment asks for. */
  readonly wanted: number;
  /** Nodes on which one runs. */
  readonly runsOn: readonly string[];
  /** Those of them on which the kubelet does not say that it is not ready: hangs, or has no datastore. */
  readonly readyOn: readonly string[];
  /** Of the flow's nodes that could be asked. */
  readonly connections: readonly TyphaConnection[];
}

export interface TyphaConnection {
  readonly node: string;
  /** Of connections to the port of Typha; `none`: there is not even an attempt. */
  readonly state: 'established' | 'trying' | 'none';
  /** Nodes of the Typhas that the node is connected to. */
  readonly to: readonly string[];
}
