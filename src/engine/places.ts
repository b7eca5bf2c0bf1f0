import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { FactKey, FactValue, Place } from '../model/facts.ts';
import type { NodeAddress } from '../model/ports.ts';
import type { FlowSource, Target } from '../model/target.ts';
import { nodeReachedAt } from '../calico/trusted-address.ts';
import { nodeOfGoal } from '../computed/lib/sent-flow.ts';

interface FactSource {
  fact<K extends FactKey>(key: K): Promise<Fact<FactValue<K>>>;
}

type AskedEnds = Pick<Target, 'from' | 'to'>;

/**
 * Resolves to the node of a place: its Kubernetes name, and the address at which it is reached. A flow that leaves the
 * cluster has one node, which is both places.
 * @param ends that were asked about
 */
export async function nodeOf(place: Place, gathering: FactSource, ends: AskedEnds): Promise<Fact<NodeAddress>> {
  const nodes = await gathering.fact('nodes');
  if (nodes.status === 'unavailable') return unavailable('needed-fact-missing', nodes.reason);
  const name = await nodeName(place, gathering, ends);
  if (name.status === 'unavailable') return name;
  const node = nodes.value.find((candidate) => candidate.metadata.name === name.value);
  if (!node) return unavailable('needed-fact-missing', `there is no node ${name.value}`);
  const trusted = nodeReachedAt(node, nodes.value);
  return trusted.address === null
    ? unavailable(trusted.code, trusted.why)
    : observed({ name: name.value, address: trusted.address });
}

async function nodeName(place: Place, gathering: FactSource, { from, to }: AskedEnds): Promise<Fact<string>> {
  if (to && place === 'target') {
    // Not by the flow: it waits for what is read there.
    const [nodes, service] = await Promise.all([gathering.fact('nodes'), gathering.fact('service')]);
    const node = nodeOfGoal(to, nodes.status === 'observed' ? nodes.value : [], service);
    if (node !== null) return observed(node);
  }
  if (to || place === 'target') {
    const pod = await gathering.fact('pod');
    if (pod.status === 'unavailable')
      return unavailable(pod.code === 'not-applicable' ? pod.code : 'needed-fact-missing', pod.reason);
    const node = pod.value.spec.nodeName;
    return node ? observed(node) : unavailable('not-applicable', 'the pod is on no node yet');
  }
  const asked = await askedNode(gathering, from);
  if (asked !== null) return observed(asked);
  const flow = await gathering.fact('flow');
  if (flow.status === 'unavailable')
    return unavailable(flow.code === 'not-applicable' ? 'not-applicable' : 'needed-fact-missing', flow.reason);
  const node = flow.value.source.node;
  return node ? observed(node) : unavailable('not-applicable', 'the source is outside the cluster');
}

/** Resolves to the asked source's node from the API server alone, because the flow fact waits for the pod's node. */
async function askedNode(gathering: FactSource, from: FlowSource | null): Promise<string | null> {
  if (from?.kind === 'node') return from.name;
  if (from?.kind !== 'pod') return null;
  const pods = await gathering.fact('pods');
  if (pods.status === 'unavailable') return null;
  const pod = pods.value.find(({ metadata }) => metadata.namespace === from.namespace && metadata.name === from.name);
  return pod?.spec.nodeName ?? null;
}
