/** What the parts of Calico on a node call it. */
export interface NodeNames {
  /** Its name in Kubernetes. */
  readonly node: string;
  /** As the CNI plugin writes it into endpoints (/var/lib/calico/nodename); null: there is no such file. */
  readonly plugin: string | null;
  /** What the environment of the running Felix says; null: nothing, or it could not be read. */
  readonly felix: string | null;
}
