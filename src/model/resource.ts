/**
 * What a finding can lack, and what it can withhold from others. One finding is the cause of another where it withholds
 * a resource that the other lacks. Nothing else declares cause and effect; docs/reference.md is generated from this.
 */
export type Resource =
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'podStart'; readonly pod: string }
  | { readonly kind: 'servicePort'; readonly pod: string }
  | { readonly kind: 'servicePath'; readonly service: string }
  | { readonly kind: 'poolAddress'; readonly pod: string }
  | { readonly kind: 'endpoint'; readonly pod: string }
  | { readonly kind: 'interface' | 'forwarding'; readonly node: string; readonly name: string }
  | { readonly kind: 'returnRoute' | 'soleAddress'; readonly node: string; readonly address: string }
  | { readonly kind: 'profile'; readonly name: string }
  | { readonly kind: 'bgpSession' | 'bgpTerms'; readonly node: string; readonly peer: string }
  | { readonly kind: 'way'; readonly node: string; readonly of: string }
  | { readonly kind: NodeKind; readonly node: string };
/** Kinds of which every node has one. */
type NodeKind =
  | 'kubelet'
  | 'cni'
  | 'nodeAnswers'
  | 'nodeAddress'
  | 'nodeName'
  | 'nodeNetworking'
  | 'nodeRules'
  | 'tunnel'
  | 'sourceAddress'
  | 'felix'
  | 'typha'
  | 'programming'
  | `datastore/${DatastoreClient}`;
/** Who reads Calico's datastore on a node, each with settings of its own. */
export type DatastoreClient = 'felix' | 'cni';
export type ResourceKind = Resource['kind'];

/** Every resource of a kind, or every one whose name begins so. */
export interface AnyResource {
  readonly kind: ResourceKind;
  readonly anyNamed: string;
}
export type Withheld = Resource | AnyResource;

interface ResourceMeaning {
  /** What is there while nobody withholds it. */
  readonly means: string;
  /** Causes that will withhold it once there is a rule for them. */
  readonly withheldLater?: readonly string[];
  /** Causes that will lack it once there is a rule for them. */
  readonly lackedLater?: readonly string[];
}

export type ResourceKinds = Readonly<Record<ResourceKind, ResourceMeaning>>;

/** The kinds. One that no rule withholds yet, or none lacks, names the causes that will. */
export const resourceKinds: ResourceKinds = {
  pod: { means: 'the containers of the pod run' },
  podStart: { means: 'nothing keeps the containers of the pod from starting' },
  servicePort: { means: 'the Service leads to a port that the pod has' },
  servicePath: { means: 'the Service leads to its pods' },
  poolAddress: { means: 'a pool has an address for the pod' },
  endpoint: { means: "the datastore has the pod's endpoint" },
  soleAddress: { means: 'the node leads the address to no other pod that has it, too' },
  interface: { means: "the pod's interface on its node is there and up" },
  forwarding: { means: 'the node forwards what comes in by the interface' },
  returnRoute: { means: 'the node has the right route to the address' },
  profile: { means: 'the datastore has the profile' },
  bgpSession: { means: 'the node learns routes from its peer' },
  bgpTerms: { means: 'the node and its BGP peer accept the settings of each other' },
  way: { means: 'the kernel leads a packet of the flow where Calico needs it on the node' },
  kubelet: { means: 'the kubelet runs the pods of the node' },
  cni: { means: 'the CNI plugin can wire new pods on the node' },
  nodeAnswers: { means: 'other nodes reach the node' },
  nodeAddress: { means: 'Calico holds the address at which other nodes reach the node' },
  nodeName: { means: 'Felix and the CNI plugin call the node as the datastore does' },
  nodeNetworking: { means: 'nobody but Calico changes its interfaces and routes on the node' },
  nodeRules: { means: "Felix can read and write the node's rules" },
  tunnel: { means: "the node's tunnel device is up" },
  sourceAddress: { means: "packets reach the node with their sender's address" },
  felix: { means: 'Felix runs on the node' },
  typha: { means: 'Typha feeds Felix on the node' },
  programming: { means: 'Felix programs on the node what the datastore says' },
  'datastore/felix': { means: 'Felix on the node can read the datastore' },
  'datastore/cni': { means: 'the CNI plugin on the node can read the datastore' },
};

/** @param pod `namespace/name` */
export const runningPod = (pod: string): Resource => ({ kind: 'pod', pod });
/** @param pod `namespace/name` */
export const podStart = (pod: string): Resource => ({ kind: 'podStart', pod });
/** @param pod `namespace/name` */
export const servicePort = (pod: string): Resource => ({ kind: 'servicePort', pod });
/** @param service `namespace/name` */
export const servicePath = (service: string): Resource => ({ kind: 'servicePath', service });
/** @param pod `namespace/name` */
export const poolAddress = (pod: string): Resource => ({ kind: 'poolAddress', pod });
/** @param pod `namespace/name` */
export const endpointOf = (pod: string): Resource => ({ kind: 'endpoint', pod });
export const soleAddress = (node: string, address: string): Resource => ({ kind: 'soleAddress', node, address });
export const podInterface = (node: string, name: string): Resource => ({ kind: 'interface', node, name });
export const forwarding = (node: string, name: string): Resource => ({ kind: 'forwarding', node, name });
export const returnRoute = (node: string, address: string): Resource => ({ kind: 'returnRoute', node, address });
export const profile = (name: string): Resource => ({ kind: 'profile', name });
export const bgpSession = (node: string, peer: string): Resource => ({ kind: 'bgpSession', node, peer });
export const bgpTerms = (node: string, peer: string): Resource => ({ kind: 'bgpTerms', node, peer });
/** @param of the packet, as walks and kernel ways call it */
export const wayThrough = (node: string, of: string): Resource => ({ kind: 'way', node, of });
export const kubelet = (node: string): Resource => ({ kind: 'kubelet', node });
export const cni = (node: string): Resource => ({ kind: 'cni', node });
export const nodeAnswers = (node: string): Resource => ({ kind: 'nodeAnswers', node });
export const nodeAddress = (node: string): Resource => ({ kind: 'nodeAddress', node });
export const nodeName = (node: string): Resource => ({ kind: 'nodeName', node });
export const nodeNetworking = (node: string): Resource => ({ kind: 'nodeNetworking', node });
export const nodeRules = (node: string): Resource => ({ kind: 'nodeRules', node });
export const tunnel = (node: string): Resource => ({ kind: 'tunnel', node });
export const sourceAddress = (node: string): Resource => ({ kind: 'sourceAddress', node });
export const felixOf = (node: string): Resource => ({ kind: 'felix', node });
export const typhaOf = (node: string): Resource => ({ kind: 'typha', node });
export const programming = (node: string): Resource => ({ kind: 'programming', node });
export const datastore = (client: DatastoreClient, node: string): Resource => ({ kind: `datastore/${client}`, node });

/** @param start how the name must begin; every resource of the kind where none is given */
export const anyOf = (kind: ResourceKind, start = ''): AnyResource => ({ kind, anyNamed: start });

/** `kind:name`, as messages and tests spell a resource; `*` stands for any end of the name. */
export function resourceKey(resource: Withheld): string {
  return `${resource.kind}:${'anyNamed' in resource ? `${resource.anyNamed}*` : nameOf(resource)}`;
}

function nameOf(resource: Resource): string {
  const { kind: _kind, ...names } = resource;
  return Object.values(names).join('/');
}

export type Match = 'this' | 'any';

/** Whether what one finding withholds is what another lacks: this very resource, any like it, or (null) not. */
export function matchOf(withheld: Withheld, lacked: Resource): Match | null {
  if (withheld.kind !== lacked.kind) return null;
  if ('anyNamed' in withheld) return nameOf(lacked).startsWith(withheld.anyNamed) ? 'any' : null;
  return nameOf(withheld) === nameOf(lacked) ? 'this' : null;
}
