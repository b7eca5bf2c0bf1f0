/** What of Calico runs in the cluster and on a node: its datastore, its controllers, Felix. */
import type { ClusterRole, ClusterRoleBinding, Deployment, Pod } from './kubernetes.ts';

/** Calico's datastore as the API server has it, or as calicoctl on a node sees it, with that node's own settings. */
export interface Datastore {
  /** The node on which calicoctl ran; null: it was read through the API server. */
  readonly node: string | null;
  readonly kind: 'etcdv3' | 'kubernetes' | null;
  readonly reachable: boolean;
  /** What calicoctl said instead of answering. */
  readonly error: string | null;
  /** `calicoctl version`'s answer; null where it printed none. */
  readonly clientVersion: string | null;
  readonly clusterVersion: string | null;
  /** ClusterInformation's datastoreReady, where it says so. */
  readonly state: 'ready' | 'locked' | 'unknown';
  /** FelixConfiguration default's bpfEnabled; not given: it does not say so, or was not read. */
  readonly bpfEnabled?: boolean;
  /** Felix leaves kube-proxy's rules alone where eBPF serves Services: somebody wants both. */
  readonly keepsKubeProxyRules?: boolean;
}

export interface Controller {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: Deployment | null;
  readonly pods: readonly Pod[];
  /** system:serviceaccount:NS:NAME of the account that its pod really runs as (the template's where no pod runs). */
  readonly account: { readonly namespace: string; readonly name: string } | null;
  readonly enabledControllers: readonly string[] | null;
  /**
   * Pods, as namespace/name, that carry a label of Calico's and are not Calico's. They are no evidence of anything; not
   * all, where there are many.
   */
  readonly strangers: readonly string[];
}

/** The account that the controller really runs as. */
export interface ControllerAccount {
  readonly namespace: string;
  readonly name: string;
  readonly state: 'present' | 'absent';
}

export interface ControllerRoles {
  /** The ClusterRole of the manifest's name, null where there is none. */
  readonly role: ClusterRole | null;
  readonly binding: ClusterRoleBinding | null;
  /** Every ClusterRoleBinding whose subject is the account. */
  readonly bindingsOfAccount: readonly ClusterRoleBinding[];
  /** Pods outside the controller's own that run as the same account. */
  readonly otherUsers: readonly string[];
}

export interface FelixState {
  /** Number and arguments of each Felix process that is the node's own. */
  readonly processes: readonly string[];
  /** HTTP status that Felix itself answered; null: there is no Felix process. */
  readonly liveness: number | null;
  readonly readiness: number | null;
}
