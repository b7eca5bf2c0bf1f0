import type { FixContext } from './fix.ts';

/** The ways into one cluster. `close` ends its connections. */
export interface ClusterAccess extends FixContext {
  /** Namespaces in which Calico itself runs; not given: the usual ones. */
  readonly calicoNamespaces?: readonly string[];
  /** The address of the API server: it tells clusters of one name apart. null: the kubeconfig does not say it. */
  readonly server?: () => Promise<string | null>;
  close(): Promise<void>;
}

/** @throws Error for a name that the configuration does not know. */
export type OpenCluster = (cluster: string) => Promise<ClusterAccess>;
