/**
 * Flows around a fix: a few pods, on nodes that are looked at already; one packet each, and the same again after the
 * fix.
 */
import { familyOf, type AddressFamily } from '../../model/addresses.ts';
import { podLink } from '../../model/pod-link.ts';
import type { ControlFlow, ControlFlowFact, Watch } from '../../model/control-flow.ts';
import type { FactKey } from '../../model/facts.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import type { Look, NodeLook, ObservedFacts } from '../../model/probe.ts';
import { sendOne, type SendCommand } from './send-one.ts';
import { answerOf } from '../parse/probe-answer.ts';
import { describeEnd } from '../../model/flow-end-words.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { isReachable, statedAddress, type Addressing } from '../../calico/trusted-address.ts';

/** A node of the asked flow, from which control flows may be sent. */
export interface ControlNode {
  readonly place: 'target' | 'source';
  readonly look: NodeLook<SendCommand>;
  readonly links: readonly Link[];
}

/** What control flows are chosen from. */
export interface Surroundings {
  /** Into which the fix may let traffic. */
  readonly namespace: string;
  /** The target's node first. */
  readonly nodes: readonly ControlNode[];
  /** They run, each with a network of its own. */
  readonly pods: readonly Pod[];
  readonly addressing: Addressing;
}
export type UntriedFlow = Omit<ControlFlow, 'answer' | 'detail'>;

export const controlNodeFacts = [
  'flow',
  'family',
  'pods',
  'pools',
  'links@target',
  'links@source',
] as const satisfies readonly FactKey[];

/**
 * Tries the flows of the look before again; in that look itself, those that `choose` finds.
 * @throws LookError in a diagnosis, and when nodes or pods are not known; what `choose` throws
 */
export async function tryAround(
  look: Look<SendCommand>,
  facts: ObservedFacts<'nodes'>,
  fact: ControlFlowFact,
  choose: (of: Surroundings) => readonly UntriedFlow[] | Promise<readonly UntriedFlow[]>,
): Promise<readonly ControlFlow[]> {
  const { namespace } = watched(look);
  const [nodes, pods] = [await controlNodes(look, facts), await runningPods(facts)];
  const again = await tryAgain(look, nodes, pods, fact);
  if (again) return again;
  const flows = await choose({ namespace, nodes, pods, addressing: await addressingOf(facts) });
  return Promise.all(flows.map((flow) => tryControl(look, nodes, flow)));
}

/** @throws LookError in a diagnosis: such flows are tried around a fix only. */
function watched(look: Look<SendCommand>): Watch {
  if (!look.watch) throw new LookError('not-applicable', 'no fix is being applied');
  return look.watch;
}

/**
 * The target's node, and the source's where that is another one. @throws LookError when the target's node does not tell
 * its links.
 */
async function controlNodes(look: Look<SendCommand>, facts: ObservedFacts<FactKey>): Promise<readonly ControlNode[]> {
  const [flow, links, sourceLinks] = await Promise.all([
    facts.ask('flow'),
    facts.ask('links@target'),
    facts.ask('links@source'),
  ]);
  if (links.status === 'unavailable') throw new LookError('needed-fact-missing', links.reason);
  const target = { place: 'target', look: look.on('target'), links: links.value } as const;
  const apart =
    flow.status === 'observed' && flow.value.source.node !== null && flow.value.source.node !== target.look.node;
  return apart && sourceLinks.status === 'observed'
    ? [target, { place: 'source', look: look.on('source'), links: sourceLinks.value }]
    : [target];
}

/** Pods of their own network that run, in a fixed order. @throws LookError when pods could not be listed. */
async function runningPods(facts: ObservedFacts<FactKey>): Promise<readonly Pod[]> {
  const [pods, family] = await Promise.all([facts.ask('pods'), familyIn(facts)]);
  if (pods.status === 'unavailable') throw new LookError('needed-fact-missing', pods.reason);
  return pods.value
    .filter((pod) => isReachable(pod, family) && !pod.spec.hostNetwork && pod.spec.nodeName)
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
}

/** What is known of the cluster's addresses. */
async function addressingOf(facts: ObservedFacts<'nodes'>): Promise<Addressing> {
  const [pools, family] = await Promise.all([facts.ask('pools'), familyIn(facts)]);
  return { nodes: facts.get('nodes'), pools: pools.status === 'observed' ? pools.value : null, family };
}

async function familyIn(facts: ObservedFacts<FactKey>): Promise<AddressFamily> {
  const family = await facts.ask('family');
  return family.status === 'observed' ? family.value : 4;
}

export function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** Whether something can be sent from a pod: its node says which network namespace is behind the pod's interface. */
export function canSend(end: FlowEnd, nodes: readonly ControlNode[]): boolean {
  return nodes.some(
    ({ look, links }) => look.node === end.node && (podLink(links, end)?.peerNamespace ?? null) !== null,
  );
}

/** Sends one packet of a flow. A flow that cannot be sent is an `error`, with why. */
async function tryControl(
  look: Look<SendCommand>,
  nodes: readonly ControlNode[],
  flow: UntriedFlow,
): Promise<ControlFlow> {
  const { source, destination, port } = flow;
  const size = 601 + (look.nonce('control length') % 60);
  const from = nodes.find((node) => node.look.node === source.node);
  if (!from) return { ...flow, answer: 'error', detail: `${describeEnd(source)} is not on a node of the flow` };
  try {
    const transcript = await sendOne(
      { node: from.look, end: source, links: from.links },
      { address: destination.address, port, size, nonce: look.nonce('control').toString(16).padStart(8, '0') },
    );
    return {
      ...flow,
      answer: answerOf(transcript, port),
      detail: port.protocol === 'icmp' ? 'one ping' : 'one connect',
    };
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return { ...flow, answer: 'error', detail: error.message };
  }
}

/**
 * The flows of the look before, sent again; null in that look itself. One whose pods are no longer what they were is an
 * `error`: another pod may have their addresses. What got through gets a second try: one lost packet is no harm.
 */
async function tryAgain(
  look: Look<SendCommand>,
  nodes: readonly ControlNode[],
  pods: readonly Pod[],
  fact: ControlFlowFact,
): Promise<readonly ControlFlow[] | null> {
  const { again } = watched(look);
  if (!again) return null;
  return Promise.all(
    (again[fact] ?? []).map(async (flow) => {
      const moved = [flow.source, flow.destination].find(
        (end) => end.kind === 'pod' && !isOnNodeNetwork(end) && !pods.some((pod) => isSamePod(end, pod)),
      );
      if (moved)
        return { ...flow, answer: 'error' as const, detail: `${describeEnd(moved)} is no longer where it was` };
      const first = await tryControl(look, nodes, flow);
      return flow.answer === 'reply' && first.answer === 'none' ? tryControl(look, nodes, flow) : first;
    }),
  );
}

function isSamePod({ namespace, name, address, node }: FlowEnd, pod: Pod): boolean {
  const { metadata, spec } = pod;
  return (
    metadata.namespace === namespace &&
    metadata.name === name &&
    statedAddress(pod, familyOf(address)) === address &&
    spec.nodeName === node
  );
}
