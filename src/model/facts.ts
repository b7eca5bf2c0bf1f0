/**
 * Every fact that probes provide, by name. A cluster fact has one value; a node fact has one for each place of the flow
 * (`routes@target`, `routes@source`). Adding a fact is a line here and a probe that provides it.
 */
import type { HookDefect } from './calico-hooks.ts';
import type {
  AccessAnswer,
  ClusterRole,
  ClusterRoleBinding,
  Deployment,
  KubernetesNode,
  Namespace,
  Pod,
  PodEvent,
} from './kubernetes.ts';
import type {
  CalicoNodeLookup,
  CalicoPolicy,
  IPPool,
  NetworkSet,
  ProfileLookup,
  Tier,
  WorkloadEndpoint,
} from './calico.ts';
import type {
  InterfaceSettings,
  Link,
  ListeningSocket,
  PodNeighbour,
  PodNetwork,
  Route,
  TunnelKind,
} from './network.ts';
import type { FlowPort } from './target.ts';
import type { FlowOutcome } from './flow-state.ts';
import type { NodeRuleSets, PacketWalk, PodWalks } from './flow-walk.ts';
import type { PathSizes } from './path-sizes.ts';
import type { Denials } from './denial.ts';
import type { DropCounters } from './drop-counters.ts';
import type { Fact } from './evidence.ts';
import type { JudgedWays } from './judged-way.ts';
import type { KernelWay } from './kernel-way.ts';
import type { ExpectedDecision } from './expected-decision.ts';
import type { RoutingPolicy } from './routing-policy.ts';
import type { Passage } from './passage.ts';
import type { Sightings } from './sightings.ts';
import type { NodeDataplane } from './dataplane.ts';

export interface ClusterFacts {
  /** The API server answers: what it says is of now, not remembered. */
  readonly 'api-server': { readonly answers: true };
  readonly pod: Pod;
  /** Of a pod that waits for its network; the oldest first. */
  readonly 'pod-events': readonly PodEvent[];
  readonly nodes: readonly KubernetesNode[];
  /** Pods that may serve as sources, and that live on the target's node. */
  readonly pods: readonly Pod[];
  readonly namespace: Namespace;
  readonly flow: Flow;
  /** null: the datastore answers, and has none of the pod's name. */
  readonly endpoint: WorkloadEndpoint | null;
  readonly 'source-endpoint': WorkloadEndpoint | null;
  /** Host-side; null: the pod has none of its own. */
  readonly 'pod-interface': { readonly name: string | null };
  /** The profiles that the target's endpoint names, each looked up by name. */
  readonly profiles: readonly ProfileLookup[];
  readonly 'source-profiles': readonly ProfileLookup[];
  readonly pools: readonly IPPool[];
  /** Of the flow's two nodes; only where something on the way between them may depend on what Calico holds of them. */
  readonly 'calico-nodes': readonly CalicoNodeLookup[];
  readonly datastore: Datastore;
  readonly controller: Controller;
  readonly 'controller-log': readonly string[];
  readonly 'controller-access': readonly AccessAnswer[];
  readonly 'controller-roles': ControllerRoles;
  /** Only where Felix reads the Kubernetes API itself. */
  readonly 'calico-node-access': {
    readonly account: { readonly namespace: string; readonly name: string };
    readonly reviews: readonly AccessAnswer[];
  };
  /** The way of each packet of the flow by the kernel's own word, on both nodes. What could not be asked is said in each, or not there. */
  readonly 'kernel-ways': readonly KernelWay[];
  /** The same, judged by the tables of the nodes. */
  readonly 'judged-ways': JudgedWays;
  /** What the nodes know of the link-layer addresses of their pods. */
  readonly 'pod-neighbours': readonly PodNeighbour[];
  /** The asked packet walked through every rule set on its way, there and back. */
  readonly walks: readonly PacketWalk[];
  /** Of the flow's nodes, the target's first: what carries out Calico's policies there. */
  readonly dataplanes: readonly NodeDataplane[];
  /** What Calico's objects say of a packet whose end on a node the packet filters do not tell. */
  readonly 'datastore-decisions': readonly ExpectedDecision[];
  /** What judges an end of the flow whose chains end the packet; null: its chains do not, or its endpoint is not known. */
  readonly 'policy-objects': { readonly ingress: PolicyObjects | null; readonly egress: PolicyObjects | null };
  readonly denials: Denials;
  /** Of both nodes of the flow. */
  readonly 'calico-hooks': readonly HookDefect[];
  /** What Calico's objects say of each walk that a policy or profile chain ends; only where one does. */
  readonly 'expected-decisions': readonly ExpectedDecision[];
  /** Of nodes that drop what the objects would let through, some time after the first reading. */
  readonly 'later-rulesets': readonly NodeRuleSets[];
  /** The walks that the objects would let through, some time later; only where there are such. */
  readonly 'later-walks': readonly PacketWalk[];
  readonly reachability: Reachability;
  readonly 'flow-outcome': FlowOutcome;
  readonly 'path-capture': PathCapture;
  /** What each capture on the way saw of the asked packets, and of their replies. */
  readonly sightings: Sightings;
  /** Where the asked packets came, and where they did not. */
  readonly passage: Passage;
  /** Up to which size packets get through; only where small ones do. */
  readonly 'path-sizes': PathSizes;
  readonly 'drop-counters': DropCounters;
  /** Tried around a fix only: a flow into the watched namespace that a policy refuses; empty where none was found. */
  readonly 'denied-flow': readonly ControlFlow[];
  /** Tried around a fix only: flows to pods of other nodes than the target's; empty where there are none. */
  readonly 'other-flows': readonly ControlFlow[];
  /** TCP sockets that listen where the target's packets arrive: in its network namespace, or on its node for a hostNetwork pod. */
  readonly listeners: readonly ListeningSocket[];
  /** Of the target pod; its `way` is that of the answers. */
  readonly 'pod-network': PodNetwork;
  /** Of the source, where that is a pod with an interface of its own. */
  readonly 'source-pod-network': PodNetwork;
  /** The packet filters in each pod's own namespace; most pods have none. */
  readonly 'pod-rulesets': NodeRuleSets;
  readonly 'source-pod-rulesets': NodeRuleSets;
  /** The asked packet and its answer, walked through the pods' own packet filters. */
  readonly 'pod-walks': PodWalks;
}

export interface NodeFacts {
  readonly links: readonly Link[];
  /** Of the table `main`. */
  readonly routes: readonly Route[];
  readonly 'interface-settings': InterfaceSettings;
  readonly routing: RoutingPolicy;
  readonly rulesets: NodeRuleSets;
  readonly felix: FelixState;
  readonly 'felix-log': readonly string[];
}

/** The node of the target pod, the node of the source. */
export type Place = 'target' | 'source';

export type NodeFactKey = `${keyof NodeFacts}@${Place}`;
export type FactKey = keyof ClusterFacts | NodeFactKey;
export type FactValue<K extends FactKey> = K extends keyof ClusterFacts
  ? ClusterFacts[K]
  : K extends `${infer Name}@${Place}`
    ? Name extends keyof NodeFacts
      ? NodeFacts[Name]
      : never
    : never;

/** Values of facts that were observed. */
export type FactValues<K extends FactKey> = { readonly [P in K]: FactValue<P> };
/** Facts as they are, observed or not. */
export type FactRecord<K extends FactKey> = { readonly [P in K]: Fact<FactValue<P>> };

/** The flow that is judged, settled from the target: who sends, what, to which address. */
export interface Flow {
  readonly source: FlowEnd;
  /** Also tried: a pod on the target's own node, when there is one. */
  readonly sameNodeSource: FlowEnd | null;
  readonly destination: FlowEnd;
  /** The judged port: captures, counters and walks work on it. */
  readonly port: FlowPort;
  /** The pod's other declared TCP ports, where none was asked for: each is tried once. At most seven. */
  readonly otherPorts: readonly OtherPort[];
  /** Declared ports that are not tried, and so never called healthy. */
  readonly untriedPorts: readonly UntriedPort[];
  /** The source was given, not chosen. */
  readonly asked: boolean;
  /** Sources that a policy refuses by design (it admits others), with the policy's name. `ports`: only on these; null: on every declared one. */
  readonly refusedByDesign: readonly {
    readonly source: string;
    readonly policy: string;
    readonly ports: readonly FlowPort[] | null;
  }[];
}

/** `source`: the flow's own, or one on the source's or the target's node that its policy admits instead. */
interface OtherPort {
  readonly port: FlowPort;
  readonly source: FlowEnd;
}

/** `refused`: a policy refuses the chosen source on it, and admits another (`pod:NS/NAME`) on a third node; null: there are more ports than are tried in one run. */
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

/** Calico's datastore as calicoctl on a node sees it, with that node's own settings. */
export interface Datastore {
  /** The node on which calicoctl ran. */
  readonly node: string;
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
}

export interface Controller {
  readonly name: string;
  readonly namespace: string;
  readonly deployment: Deployment | null;
  readonly pods: readonly Pod[];
  /** system:serviceaccount:NS:NAME of the account that its pod really runs as (the template's where no pod runs). */
  readonly account: { readonly namespace: string; readonly name: string } | null;
  readonly enabledControllers: readonly string[] | null;
  /** Pods, as namespace/name, that carry a label of Calico's and are not Calico's. They are no evidence of anything; not all, where there are many. */
  readonly strangers: readonly string[];
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

/** One try to reach an address. `answer`: what came back. */
export interface ReachAttempt {
  readonly from: string;
  readonly to: string;
  /** `flow`: the judged port. `other-port`: another declared one, from the same source. `own-node`: from the target's node, which no policy of the pod sees. */
  readonly what: 'flow' | 'other-port' | 'same-node' | 'own-node' | 'node-to-node' | 'icmp';
  readonly port: FlowPort;
  readonly sent: number;
  readonly answered: number;
  readonly answer: 'reply' | 'none' | 'refused' | 'unreachable' | 'error';
  readonly detail: string;
}
export interface Reachability {
  readonly attempts: readonly ReachAttempt[];
}

/** What captures on both ends saw of the probes, packet by packet. */
export interface PathCapture {
  /** `local`: within one node. */
  readonly encapsulation: TunnelKind | 'local';
  readonly places: readonly CapturePlace[];
}
export interface CapturePlace {
  readonly node: string;
  readonly interface: string;
  /** Where on the flow's way it stands. */
  readonly hop: 'source-card' | 'target-card' | 'source-pod' | 'target-pod';
  /** Keys of the asked packets seen on their way to the pod (TCP: port and sequence number; ICMP: id and length). */
  readonly requests: readonly string[];
  /** The same for large packets (ICMP of more than 1,000 bytes). */
  readonly largeRequests: readonly string[];
  readonly replies: readonly string[];
  /** Keys of plain packets between the two nodes' own addresses: the control that this capture sees what passes. */
  readonly control: readonly string[];
  readonly largeControl: readonly string[];
  /** tcpdump's own count; null where it did not print one. */
  readonly droppedByKernel: number | null;
  /** Addresses of the outer packets seen, source and destination. */
  readonly outer: readonly { readonly source: string; readonly destination: string }[];
}

/** Calico's objects that can judge one end of a flow, as one client printed them. */
export interface PolicyObjects {
  readonly policies: readonly CalicoPolicy[];
  readonly tiers: readonly Tier[];
  readonly networkSets: readonly NetworkSet[];
  /** They have network sets too, and nobody read those. */
  readonly unreadNamespaces: readonly string[];
}

/** A flow of which a fix must not change whether it gets through. */
export interface ControlFlow {
  readonly source: FlowEnd;
  readonly destination: FlowEnd;
  readonly port: FlowPort;
  /** The policy that refuses it; null: it is to get through. */
  readonly refusedBy: string | null;
  readonly answer: ReachAttempt['answer'];
  /** What was sent, or why nothing could be. */
  readonly detail: string;
}
export type ControlFlowFact = 'denied-flow' | 'other-flows';
/** What looks around a fix are to try. */
export interface Watch {
  /** Into which the fix may let traffic. */
  readonly namespace: string;
  /** What the look before the fix tried; null in that look itself. */
  readonly again: Readonly<Partial<Record<ControlFlowFact, readonly ControlFlow[]>>> | null;
}
