/** What each fix is asked with: a rule offers a fix with the facts that its finding rests on. */

/** Plain data, as JSON holds it. */
type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type FixInput = Readonly<Record<string, Json>>;

/** The input of every fix, by the fix's id. */
export interface FixInputs {
  'bring-up-pod-interface': PodInterface;
  'bring-up-tunnel-device': NodeInterface;
  'create-pod-profile': MissingProfile;
  'delete-connection-entry': StaleConnection;
  'grant-controller-rbac': LostRights;
  'raise-connection-limit': OneNode;
  'restart-felix': FelixOfPod;
  'scale-controller-back': ScaledController;
  'turn-on-forwarding': InterfaceKey;
  'turn-on-proxy-arp': PodInterfaceKey;
}
export type FixId = keyof FixInputs;

/** A profile that an endpoint names and the datastore lacks. */
export type MissingProfile = {
  readonly profile: string;
  readonly namespace: string;
  readonly pod: string;
  /** The name of the pod's endpoint, as calicoctl takes it. */
  readonly workloadEndpoint: string;
  /** The node of the pod, on which calicoctl runs. */
  readonly node: string;
  readonly nodeAddress: string;
};

/** The one node on which a fix acts. */
export type OneNode = {
  readonly node: string;
  readonly nodeAddress: string;
};

/** An interface of a node. */
export type NodeInterface = OneNode & { readonly interface: string };

/** One key of one interface of a node. */
export type InterfaceKey = NodeInterface;

/** One key of a pod's interface on its node; `address`: the pod's. */
export type PodInterfaceKey = InterfaceKey & { readonly address: string };

/** A pod's interface that is down at one end; `address`: the pod's. */
export type PodInterface = PodInterfaceKey & {
  readonly namespace: string;
  readonly pod: string;
  /** Where Calico keeps its objects. */
  readonly datastore: 'kubernetes' | 'etcdv3';
};

/** Felix of a node, by a pod there that its datastore must know. */
export type FelixOfPod = PodInterface & {
  /** Account of calico-node, as NAMESPACE/NAME; null: Felix reads etcd, and needs none. */
  readonly account: string | null;
};

/** Rights that an account should have and does not. */
export type LostRights = {
  /** The account that the controller's pod runs as. */
  readonly accountNamespace: string;
  readonly accountName: string;
  readonly missing: readonly Right[];
  /** Where calicoctl may be asked for the profiles that the controller owns; null: nowhere that is known. */
  readonly at: OneNode | null;
};

/** A Deployment of Calico's controllers that is scaled to 0; the node: where calicoctl may be asked. */
export type ScaledController = OneNode & {
  readonly namespace: string;
  readonly name: string;
  /** Where Calico keeps its objects. */
  readonly datastore: 'kubernetes' | 'etcdv3';
};

/** One verb on one kind of object, in every namespace. */
export type Right = {
  /** API group; empty: the core group. */
  readonly group: string;
  /** Plural, as the API has it. */
  readonly resource: string;
  readonly verb: string;
};

/** One entry of a node's connection table, whose packets go to an address that is not an endpoint of the Service. */
export type StaleConnection = {
  readonly node: string;
  readonly nodeAddress: string;
  readonly protocol: 'tcp' | 'udp';
  /** The client's. */
  readonly source: string;
  readonly sourcePort: number;
  /** The Service's address and port. */
  readonly destination: string;
  readonly port: number;
  readonly sentTo: string;
  readonly namespace: string;
  readonly service: string;
};
