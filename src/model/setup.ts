/** What kind of Calico a verdict is about, for those who read it later. */
import type { Dataplane } from './dataplane.ts';
import type { EncapsulationMode, PairEncapsulation } from './encapsulation.ts';
import type { InstallKind } from './install.ts';

export interface ClusterSetup {
  readonly install: InstallKind;
  /** Where Calico's own pods run; null: not found. */
  readonly namespace: string | null;
  /** Of Calico; null: nothing says it. */
  readonly version: string | null;
  readonly datastore: 'etcdv3' | 'kubernetes' | null;
  /** Of the flow's nodes. null: nothing of Felix's is there, or it was not read. */
  readonly dataplanes: readonly { readonly node: string; readonly dataplane: Dataplane | null }[];
  /** Of the pools that are not disabled, each mode once; null: the pools were not read. */
  readonly encapsulation: readonly EncapsulationMode[] | null;
  /** Between the flow's nodes; null: it has one node, or it is not known. */
  readonly pair: PairEncapsulation | null;
  /** All of it in one line. */
  readonly summary: string;
}
