import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { Flow, FlowEnd } from '../model/facts.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import { defineClusterProbe } from '../model/probe.ts';
import type { FlowSource } from '../model/target.ts';
import { declaredPort, describeEnd, isReachable, nodeEnd, podEnd } from './parse/pod-facts.ts';
import { policyRefusing } from './policy-refusing.ts';

/** How many pods are considered as sources when none was asked for. */
const considered = 40;

export const flow = defineClusterProbe({
  id: 'flow',
  description: 'The flow that is judged: the asked source, or one that stands for the clients of the pod.',
  kind: 'computed',
  place: 'cluster',
  essential: true,
  commands: {},
  needs: ['pod', 'nodes'],
  uses: ['pods', 'rulesets@target', 'routes@target', 'links@target'],
  provides: ['flow'],
  async read(look, facts) {
    const target = facts.get('pod');
    const nodes = facts.get('nodes');
    const listed = await facts.ask('pods');
    // Without the list of pods a node still can be a source.
    const pods = listed.status === 'observed' ? listed.value : [];
    const destination = podEnd(target, nodes);
    if (!destination || !target.spec.nodeName) return { flow: unavailable('not-applicable', 'the pod has no address or node yet') };
    const port = look.target.port ?? declaredPort(target);
    const sameNode = candidates(pods, target).filter((pod) => pod.spec.nodeName === target.spec.nodeName);
    const base = { destination, port, sameNodeSource: sameNode[0] ? podEnd(sameNode[0], nodes) : null };
    if (look.target.from) {
      if (look.target.from.kind === 'pod' && listed.status === 'unavailable') return { flow: unavailable(listed.code, listed.reason) };
      const source = askedSource(look.target.from, pods, nodes);
      if (source.status === 'unavailable') return { flow: source };
      return { flow: observed<Flow>({ ...base, source: source.value, asked: true, refusedByDesign: [] }) };
    }
    const ends = candidates(pods, target).slice(0, considered).map((pod) => podEnd(pod, nodes)).filter((end) => end !== null);
    const [first] = ends;
    if (!first) return { flow: fallBackToNode(base, nodes) };
    const [rulesets, routes, links] = await Promise.all([facts.ask('rulesets@target'), facts.ask('routes@target'), facts.ask('links@target')]);
    if (rulesets.status === 'unavailable' || routes.status === 'unavailable' || links.status === 'unavailable') {
      return { flow: observed<Flow>({ ...base, source: first, asked: false, refusedByDesign: [] }) };
    }
    const refused: { source: string; policy: string }[] = [];
    for (const source of ends) {
      const policy = policyRefusing({ source, destination, port, rulesets: rulesets.value, routes: routes.value, links: links.value });
      if (policy === null) return { flow: observed<Flow>({ ...base, source, asked: false, refusedByDesign: refused }) };
      refused.push({ source: describeEnd(source), policy });
    }
    return { flow: observed<Flow>({ ...base, source: first, asked: false, refusedByDesign: [] }) };
  },
});

function askedSource(from: FlowSource, pods: readonly Pod[], nodes: readonly KubernetesNode[]): Fact<FlowEnd> {
  if (from.kind === 'outside') return observed({ kind: 'outside', namespace: null, name: from.address, address: from.address, node: null, nodeAddress: null, interface: null });
  if (from.kind === 'node') {
    const node = nodes.find((candidate) => candidate.metadata.name === from.name);
    const end = node && nodeEnd(node);
    return end ? observed(end) : unavailable('api-not-found', `there is no node ${from.name}`);
  }
  const pod = pods.find((candidate) => candidate.metadata.namespace === from.namespace && candidate.metadata.name === from.name);
  const end = pod && podEnd(pod, nodes);
  return end ? observed(end) : unavailable('api-not-found', `there is no pod ${from.namespace}/${from.name} with an address`);
}

/** Pods that could be clients: of the same namespace on another node first, then of others, then of the same node. */
function candidates(pods: readonly Pod[], target: Pod): readonly Pod[] {
  const rank = (pod: Pod) => (pod.spec.nodeName === target.spec.nodeName ? 2 : 0) + (pod.metadata.namespace === target.metadata.namespace ? 0 : 1);
  return pods
    .filter((pod) => isReachable(pod) && !pod.spec.hostNetwork && pod.spec.nodeName && key(pod) !== key(target))
    .toSorted((a, b) => rank(a) - rank(b) || key(a).localeCompare(key(b)));
}

function key(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

function fallBackToNode(base: Omit<Flow, 'source' | 'asked' | 'refusedByDesign'>, nodes: readonly KubernetesNode[]): Fact<Flow> {
  const other = nodes.find((node) => node.metadata.name !== base.destination.node) ?? nodes[0];
  const source = other && nodeEnd(other);
  if (!source) return unavailable('not-applicable', 'there is no other pod or node to try from');
  return observed<Flow>({ ...base, source, asked: false, refusedByDesign: [] });
}
