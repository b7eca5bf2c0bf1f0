import type { FixContext } from '../model/fix.ts';

/** The ways into one cluster. `close` ends its connections. */
export interface ClusterAccess extends FixContext {
  close(): Promise<void>;
}

/** @throws Error for a name that the configuration does not know. */
export type OpenCluster = (cluster: string) => Promise<ClusterAccess>;
