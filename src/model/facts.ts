/**
 * Every fact that probes provide, by name. A cluster fact has one value; a node fact has one for each place of the flow
 * (`routes@target`, `routes@source`). Adding a fact is a line here and a probe that provides it.
 */
import type { AddressFamily } from './addresses.ts';
import type { AlsoAffected } from './also-affected.ts';
import type { HookDefect } from './calico-hooks.ts';
import type { AccessAnswer, KubernetesNode, Namespace, Pod, PodEvent } from './kubernetes.ts';
import type {
  CalicoNodeLookup,
  EndpointControl,
  IPPool,
  PolicyObjects,
  ProfileLookup,
  StoredPolicies,
  WorkloadEndpoint,
} from './calico.ts';
import type { InterfaceSettings, Link, ListeningSocket, NeighbourEntry, PodNetwork, Route } from './network.ts';
import type { Flow } from './flow.ts';
import type { Controller, ControllerAccount, ControllerRoles, Datastore, FelixState } from './control-plane.ts';
import type { ControlFlow } from './control-flow.ts';
import type { PathCapture } from './path-capture.ts';
import type { Reachability } from './reachability.ts';
import type { FlowOutcome } from './flow-state.ts';
import type { NodeRuleSets, PacketWalk, PodWalks } from './flow-walk.ts';
import type { PathSizes } from './path-sizes.ts';
import type { Denials } from './denial.ts';
import type { DatastoreKind } from './datastore-kind.ts';
import type { DropCounters } from './drop-counters.ts';
import type { Fact } from './evidence.ts';
import type { JudgedWays } from './judged-way.ts';
import type { FlowConnections } from './connections.ts';
import type { CounterReadings, KernelCounters } from './kernel-counters.ts';
import type { KernelWay } from './kernel-way.ts';
import type { LeftOverRules } from './left-over-rules.ts';
import type { ExpectedDecision } from './expected-decision.ts';
import type { PodPolicies, PolicyAnswer } from './pod-policies.ts';
import type { RoutingPolicy } from './routing-policy.ts';
import type { Passage } from './passage.ts';
import type { Sightings } from './sightings.ts';
import type { NodeDataplane } from './dataplane.ts';
import type { PodPrograms } from './ebpf-programs.ts';
import type { Encapsulation } from './encapsulation.ts';
import type { FelixRights } from './felix-rights.ts';
import type { Install } from './install.ts';
import type { InvalidDrop } from './invalid-drops.ts';
import type { VirtualServer } from './ipvs.ts';
import type { ProgramService } from './program-services.ts';
import type { IpamUsage } from './ipam.ts';
import type { ManagedInterface } from './host-managers.ts';
import type { NodeAnswers } from './node-answers.ts';
import type { Queue, QueueCounts } from './queues.ts';
import type { NodeNames } from './node-names.ts';
import type { TunnelNeighbour } from './tunnel-neighbour.ts';
import type { TwinWalk } from './twin-walk.ts';
import type { Typha } from './typha.ts';
import type { BgpState } from './bgp.ts';
import type { ServiceState } from './service.ts';
import type { Translation } from './service-translation.ts';
import type { TargetChoice } from './target-choice.ts';
import type { Wireguard } from './wireguard.ts';

export interface ClusterFacts {
  /** The API server answers: what it says is of now, not remembered. */
  readonly 'api-server': { readonly answers: true };
  /** The judged one, where what was named has several. */
  readonly pod: Pod;
  /** Only where a pod was asked for as the client. */
  readonly 'client-pod': Pod;
  /** Only where something else than a pod was named. */
  readonly 'target-choice': TargetChoice;
  /** The Service that was named. */
  readonly service: ServiceState;
  /** On the sender's node. */
  readonly 'service-translation': Translation;
  /** Of the sender's node. */
  readonly 'ipvs-servers': readonly VirtualServer[];
  /** Of the sender's node, where it runs the eBPF dataplane. */
  readonly 'program-services': readonly ProgramService[];
  /** Of a pod that waits for its network; the oldest first. */
  readonly 'pod-events': readonly PodEvent[];
  /** The same of the asked client. */
  readonly 'client-events': readonly PodEvent[];
  readonly nodes: readonly KubernetesNode[];
  /** Pods that may serve as sources, and that live on the target's node. */
  readonly pods: readonly Pod[];
  readonly namespace: Namespace;
  /** Of the judged packets; every fact about addresses, routes and packet filters is of this family. */
  readonly family: AddressFamily;
  readonly flow: Flow;
  /** null: the datastore answers, and has none of the pod's name. */
  readonly endpoint: WorkloadEndpoint | null;
  readonly 'source-endpoint': WorkloadEndpoint | null;
  /** Of pods of the flow that have no endpoint. */
  readonly 'endpoint-controls': readonly EndpointControl[];
  /** Host-side; null: the pod has none of its own. */
  readonly 'pod-interface': { readonly name: string | null };
  /** The profiles that the target's endpoint names, each looked up by name. */
  readonly profiles: readonly ProfileLookup[];
  readonly 'source-profiles': readonly ProfileLookup[];
  readonly pools: readonly IPPool[];
  /** Only where the CNI plugin finds no address for the pod. */
  readonly ipam: IpamUsage;
  /** Of the flow's two nodes; only where something on the way between them may depend on what Calico holds of them. */
  readonly 'calico-nodes': readonly CalicoNodeLookup[];
  readonly 'datastore-kind': DatastoreKind;
  readonly datastore: Datastore;
  readonly controller: Controller;
  readonly 'controller-account': ControllerAccount;
  /** Names as ENABLED_CONTROLLERS has them. */
  readonly 'controllers-configuration': readonly string[];
  readonly install: Install;
  /** Only where Felix, or the datastore, does not know a pod of the node. */
  readonly 'node-names': readonly NodeNames[];
  /** Only where the interface of a pod is not as Calico leaves it. */
  readonly 'host-managers': readonly ManagedInterface[];
  readonly typha: Typha;
  readonly encapsulation: Encapsulation;
  readonly 'controller-log': readonly string[];
  readonly 'controller-access': readonly AccessAnswer[];
  readonly 'controller-roles': ControllerRoles;
  /** Only where the Kubernetes API is the datastore. */
  readonly 'calico-node-access': FelixRights;
  /**
   * The way of each packet of the flow by the kernel's own word, on both nodes. What could not be asked is said in
   * each, or not there.
   */
  readonly 'kernel-ways': readonly KernelWay[];
  /** The same, judged by the tables of the nodes. */
  readonly 'judged-ways': JudgedWays;
  /** What the nodes know of the link-layer addresses of their pods. */
  readonly 'pod-neighbours': readonly NeighbourEntry[];
  /** What the nodes know of each other's link-layer addresses. */
  readonly 'node-neighbours': readonly NeighbourEntry[];
  /** Of the flow's nodes, where their packets for each other go into a tunnel that carries whole frames. */
  readonly 'tunnel-neighbours': readonly TunnelNeighbour[];
  /** Of the flow's nodes; only where one of them has no usual route to the pods of the other. */
  readonly 'bgp-sessions': readonly BgpState[];
  /** The asked packet walked through every rule set on its way, there and back. */
  readonly walks: readonly PacketWalk[];
  /** Of the flow's nodes, the target's first: what carries out Calico's policies there. */
  readonly dataplanes: readonly NodeDataplane[];
  /** Nodes of the flow on which an earlier Felix left rules; most have none. */
  readonly 'left-over-rules': readonly LeftOverRules[];
  /** Of the flow's pods on nodes that run the eBPF dataplane: what Felix's programs hold of their interfaces. */
  readonly programs: readonly PodPrograms[];
  /** What Calico's objects say of a packet whose end on a node the packet filters do not tell. */
  readonly 'datastore-decisions': readonly ExpectedDecision[];
  /**
   * What judges an end of the flow whose chains end the packet; null: its chains do not, or its endpoint is not known.
   */
  readonly 'policy-objects': { readonly ingress: PolicyObjects | null; readonly egress: PolicyObjects | null };
  /** Only where somebody asks which policies there are: no diagnosis does. */
  readonly 'stored-policies': StoredPolicies;
  /** Those that judge the target, in their order. */
  readonly 'pod-policies': PodPolicies;
  /** May the asked source reach the target on the asked port, by the datastore alone? */
  readonly 'policy-answer': PolicyAnswer;
  readonly denials: Denials;
  /** Only where a TCP flow stops on a node, and no rule of the walks says why. */
  readonly 'invalid-drops': readonly InvalidDrop[];
  /** Pods beside the flow's own. */
  readonly 'also-affected': readonly AlsoAffected[];
  /** Of both nodes of the flow. */
  readonly 'calico-hooks': readonly HookDefect[];
  /** What Calico's objects say of each walk that a policy or profile chain ends; only where one does. */
  readonly 'expected-decisions': readonly ExpectedDecision[];
  /** Of nodes that drop what the objects would let through, some time after the first reading. */
  readonly 'later-rulesets': readonly NodeRuleSets[];
  /** The same of the eBPF programs of pods there. */
  readonly 'later-programs': readonly PodPrograms[];
  /** The walks that the objects would let through, some time later; only where there are such. */
  readonly 'later-walks': readonly PacketWalk[];
  /** Of full-sized packets, where a rule outside Calico ends them by their length and lets small ones pass. */
  readonly 'large-drops': readonly PacketWalk[];
  /** Of what follows a handshake of TCP, where a rule outside Calico ends it and lets the handshake pass. */
  readonly 'data-drops': readonly PacketWalk[];
  /** Of the asked packet, past the rules that end it: where it would end behind them, or on its right way. */
  readonly 'further-drops': readonly PacketWalk[];
  /** The asked packet, without its reply, as it would go if no kernel led it astray; none where it goes right. */
  readonly 'righted-walks': readonly PacketWalk[];
  /** Of denials that concern one pod: the same packet to another pod of its node, which the node lets through. */
  readonly 'twin-walks': readonly TwinWalk[];
  readonly reachability: Reachability;
  /** Only of nodes that seem silent. */
  readonly 'node-answers': readonly NodeAnswers[];
  readonly 'flow-outcome': FlowOutcome;
  readonly 'tried-outcome': FlowOutcome;
  /** null: of no client outside, or none was seen. */
  readonly 'client-entry': { readonly interface: string | null };
  /** Before the test packets and after them, of the flow's nodes; only where those were lost. */
  readonly 'counter-readings': readonly CounterReadings[];
  /** Of the flow's nodes that track connections: its entries there. */
  readonly 'flow-connections': readonly FlowConnections[];
  readonly 'path-capture': PathCapture;
  /** Of the flow's nodes that have it; only where test packets were lost. */
  readonly wireguard: readonly Wireguard[];
  /** What each capture on the way saw of the asked packets, and of their replies. */
  readonly sightings: Sightings;
  /** Where the asked packets came, and where they did not. */
  readonly passage: Passage;
  /** Up to which size packets get through; only where small ones do. */
  readonly 'path-sizes': PathSizes;
  readonly 'drop-counters': DropCounters;
  /** Of the interfaces on the way; only where test packets were lost. */
  readonly 'queue-counts': QueueCounts;
  /** Tried around a fix only: a flow into the watched namespace that a policy refuses; empty where none was found. */
  readonly 'denied-flow': readonly ControlFlow[];
  /** Tried around a fix only: flows to pods of other nodes than the target's; empty where there are none. */
  readonly 'other-flows': readonly ControlFlow[];
  /** Tried around a fix only: flows to other pods of the target's node, and from that node to the API server. */
  readonly 'own-node-flows': readonly ControlFlow[];
  /**
   * TCP sockets that listen where the target's packets arrive: in its network namespace, or on its node for a
   * hostNetwork pod.
   */
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
  /** Those that somebody made: the kernel's own choice is not among them. */
  readonly queues: readonly Queue[];
  readonly routing: RoutingPolicy;
  readonly 'kernel-counters': KernelCounters;
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
