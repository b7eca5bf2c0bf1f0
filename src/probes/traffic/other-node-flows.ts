import { observed } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import {
  canSend,
  controlNodeFacts,
  nameOf,
  tryAround,
  type ControlNode,
  type Surroundings,
  type UntriedFlow,
} from '../lib/control-flows.ts';
import { sendCommands } from '../lib/send-one.ts';
import { declaredPorts, nodeEnd, podEnd } from '../../flow-walks/ends.ts';
import type { Addressing } from '../../calico/trusted-address.ts';

/** Nodes other than the target's, to a pod of which something is sent. */
const otherNodes = 2;

export const otherNodeFlows = defineClusterProbe({
  id: 'other-node-flows',
  description:
    "Around a fix only: one packet each to a pod of up to two nodes other than the target's, sent from a node " +
    'of the asked flow.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands: sendCommands,
  moment: 'control',
  needs: ['pod', 'nodes'],
  runsOn: ['target', 'source'],
  uses: controlNodeFacts,
  provides: ['other-flows'],
  async read(look, facts) {
    const target = facts.get('pod');
    return {
      'other-flows': observed(await tryAround(look, facts, 'other-flows', (around) => flowsToOthers(target, around))),
    };
  },
});

/** Pods of other namespaces first: what is wrong with the target may be wrong with its neighbours. */
function flowsToOthers(target: Pod, { pods, addressing, nodes }: Surroundings): readonly UntriedFlow[] {
  const sources = pods.filter(
    (pod) => nameOf(pod) !== nameOf(target) && nodes.some(({ look }) => look.node === pod.spec.nodeName),
  );
  const strange = (pod: Pod) => (pod.metadata.namespace === target.metadata.namespace ? 1 : 0);
  const mates = (pod: Pod) =>
    sources.filter((source) => source.metadata.namespace === pod.metadata.namespace && nameOf(source) !== nameOf(pod));
  const rank = (pod: Pod) =>
    strange(pod) * 4 + (mates(pod).length > 0 ? 0 : 2) + (declaredPorts(pod)[0].protocol === 'tcp' ? 0 : 1);
  const others = pods
    .filter(({ spec }) => spec.nodeName !== target.spec.nodeName)
    .toSorted((a, b) => rank(a) - rank(b));
  const onePerNode = [...new Map(others.toReversed().map((pod) => [pod.spec.nodeName, pod])).values()]
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, otherNodes);
  return onePerNode.flatMap((pod) => {
    const destination = podEnd(pod, addressing);
    const source = sourceFor(pod, sources, addressing, nodes);
    return destination && source ? [{ source, destination, port: declaredPorts(pod)[0], refusedBy: null }] : [];
  });
}

/** A pod of the same namespace, best on another node; else any pod; else the target's node itself. */
function sourceFor(
  to: Pod,
  sources: readonly Pod[],
  addressing: Addressing,
  nodes: readonly ControlNode[],
): FlowEnd | null {
  const rank = (from: Pod) =>
    (from.metadata.namespace === to.metadata.namespace ? 0 : 2) + (from.spec.nodeName === to.spec.nodeName ? 1 : 0);
  const ends = sources
    .filter((from) => nameOf(from) !== nameOf(to))
    .toSorted((a, b) => rank(a) - rank(b))
    .map((from) => podEnd(from, addressing));
  const pod = ends.find((end) => end !== null && canSend(end, nodes));
  const own = addressing.nodes.find(({ metadata }) => metadata.name === nodes[0]?.look.node);
  return pod ?? (own ? nodeEnd(own, addressing) : null);
}
