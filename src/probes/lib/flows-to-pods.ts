/** Which flows to pods are watched around a fix. */
import type { Addressing } from '../../calico/trusted-address.ts';
import { declaredPorts, nodeEnd, podEnd } from '../../flow-walks/ends.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { canSend, nameOf, type ControlNode, type Surroundings, type UntriedFlow } from './control-flows.ts';

/**
 * Returns one flow to each pod that `choose` takes of those other than the target, which are given in order: pods of
 * other namespaces first (what is wrong with the target may be wrong with its neighbours), and those that listen.
 */
export function flowsToPods(
  target: Pod,
  { pods, addressing, nodes }: Surroundings,
  choose: (others: readonly Pod[]) => readonly Pod[],
): readonly UntriedFlow[] {
  const others = pods.filter((pod) => nameOf(pod) !== nameOf(target));
  const sources = others.filter((pod) => nodes.some(({ look }) => look.node === pod.spec.nodeName));
  const strange = (pod: Pod) => (pod.metadata.namespace === target.metadata.namespace ? 1 : 0);
  const mates = (pod: Pod) =>
    sources.filter((source) => source.metadata.namespace === pod.metadata.namespace && nameOf(source) !== nameOf(pod));
  const rank = (pod: Pod) =>
    strange(pod) * 4 + (mates(pod).length > 0 ? 0 : 2) + (declaredPorts(pod)[0].protocol === 'tcp' ? 0 : 1);
  return choose(others.toSorted((a, b) => rank(a) - rank(b))).flatMap((pod) => {
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
  return pod ?? ownNode(addressing, nodes);
}

/** The target's node, as an end of a flow. */
export function ownNode(addressing: Addressing, nodes: readonly ControlNode[]): FlowEnd | null {
  const own = addressing.nodes.find(({ metadata }) => metadata.name === nodes[0]?.look.node);
  return own ? nodeEnd(own, addressing) : null;
}
