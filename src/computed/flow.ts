import type { AddressFamily } from '../model/addresses.ts';
import { observed, unavailable, type Fact } from '../model/evidence.ts';
import type { Flow, FlowEnd } from '../model/flow.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineComputed, type ComputedInputs } from '../model/computed.ts';
import { familyOfService, serviceName, type ServiceState } from '../model/service.ts';
import type { FlowSource } from '../model/target.ts';
import { choosePorts, chooseSource, remembering, type IngressOf } from './lib/choose-flow.ts';
import { dataplaneOf } from '../ruleset/felix/dataplane.ts';
import { sentFlow } from './lib/sent-flow.ts';
import { servedFlow } from './lib/served-flow.ts';
import { walkIngress } from '../flow-walks/ingress.ts';
import { declaredPorts, nodeEnd, outsideEnd, podEnd } from '../flow-walks/ends.ts';
import {
  isReachable,
  nodeAddress,
  podAddress,
  statedAddress,
  unjudgedAddress,
  withoutAddress,
  type Addressing,
  type TrustedAddress,
} from '../calico/trusted-address.ts';

/** At most this many pods are considered as the source if none was asked for. */
const considered = 40;

export const flow = defineComputed({
  id: 'flow',
  description:
    'The flow that is judged: the asked source, or one that stands for the clients of the pod; the asked port, ' +
    'or the declared ones.',
  essential: true,
  needs: ['pod', 'nodes', 'family'],
  considers: ['pods', 'pools', 'service', 'target-choice', 'rulesets@target', 'routes@target', 'links@target'],
  async compute(facts, asked) {
    const target = facts.get('pod');
    const nodes = facts.get('nodes');
    const family = facts.get('family');
    const [listed, pools] = await Promise.all([facts.ask('pods'), facts.ask('pools')]);
    const addressing: Addressing = { nodes, pools: pools.status === 'observed' ? pools.value : null, family };
    // A node can be the source even if the pods could not be listed.
    const pods = listed.status === 'observed' ? listed.value : [];
    const trusted = podAddress(target, addressing);
    const destination = podEnd(target, addressing);
    const [service, choice] = await Promise.all([facts.ask('service'), facts.ask('target-choice')]);
    if (isAddressed(target) && !asked.to && service.status === 'observed' && familyOfService(service.value) !== family)
      return unavailable('not-supported', withoutFamily(service.value, family));
    if (trusted.address === null) return unavailable(trusted.code, trusted.why);
    if (!destination || !target.spec.nodeName) return unavailable('not-applicable', 'the pod is on no node yet');
    if (asked.to) return sentFlow(asked.to, destination, { port: asked.port, service, nodes, family });
    const served = service.status === 'observed' ? servedFlow(service.value, trusted.address) : null;
    const port = served ? served.judged : asked.port;
    const ports = port ? ([port] as const) : declaredPorts(target);
    const others = candidates(pods, target, family);
    const sameNode = others.find((pod) => pod.spec.nodeName === target.spec.nodeName);
    const { from } = asked;
    if (from?.kind === 'pod' && listed.status === 'unavailable') return unavailable(listed.code, listed.reason);

    const clients = from
      ? []
      : others
          .slice(0, considered)
          .map((pod) => podEnd(pod, addressing))
          .filter((end) => end !== null);
    const only = from
      ? askedSource(from, pods, addressing)
      : clients.length === 0
        ? nodeAsSource(addressing, destination)
        : null;
    if (only?.status === 'unavailable') return only;
    // With one source and one port there is nothing to choose, so do not wait for the rule sets.
    const ingressOf = only && ports.length === 1 ? notKnownToBeDenied : await readIngress(facts, destination);
    const chosen = only
      ? { source: only.value, refusedByDesign: [] }
      : chooseSource(clients, ports, destination.node, ingressOf);
    return observed<Flow>({
      destination,
      sameNodeSource: sameNode ? podEnd(sameNode, addressing) : null,
      ...chosen,
      ...choosePorts(chosen.source, clients, ports, destination.node, ingressOf),
      asked: from !== null,
      ...(served?.service ? { service: served.service } : {}),
      ...(choice.status === 'observed'
        ? { otherPods: choice.value.others.map((pod) => podEnd(pod, addressing)).filter((end) => end !== null) }
        : {}),
    });
  },
});

function isAddressed(pod: Pod): boolean {
  return statedAddress(pod, 4) !== null || statedAddress(pod, 6) !== null;
}

/** Behind a Service of the other family the pod's own address answers nothing of what was asked. */
function withoutFamily(service: ServiceState, family: AddressFamily): string {
  const stated = [service.address, ...service.endpoints.map(({ address }) => address)].filter((one) => one !== null);
  return withoutAddress(`Service ${serviceName(service)}`, family, stated.slice(0, 1));
}

const notKnownToBeDenied: IngressOf = () => ({ denied: false, policy: null });

/** Resolves to what the pod's node does with a first packet. Nothing counts as denied if the node was not read. */
async function readIngress(
  facts: Pick<ComputedInputs<never, 'rulesets@target' | 'routes@target' | 'links@target'>, 'ask'>,
  destination: FlowEnd,
): Promise<IngressOf> {
  const [rulesets, routes, links] = await Promise.all([
    facts.ask('rulesets@target'),
    facts.ask('routes@target'),
    facts.ask('links@target'),
  ]);
  if (rulesets.status === 'unavailable' || routes.status === 'unavailable' || links.status === 'unavailable')
    return notKnownToBeDenied;
  if (dataplaneOf(rulesets.value.node, links.value, rulesets.value).dataplane === 'ebpf') return notKnownToBeDenied;
  const node = { rulesets: rulesets.value, routes: routes.value, links: links.value };
  return remembering((source, port) => walkIngress({ source, destination, port, node }));
}

function askedSource(from: FlowSource, pods: readonly Pod[], addressing: Addressing): Fact<FlowEnd> {
  const { nodes, family } = addressing;
  if (from.kind === 'outside') {
    const why = unjudgedAddress(from.address);
    return why === null ? observed(outsideEnd(from.address)) : unavailable('not-supported', why);
  }
  if (from.kind === 'node') {
    const node = nodes.find((candidate) => candidate.metadata.name === from.name);
    if (!node) return unavailable('api-not-found', `there is no node ${from.name}`);
    const end = nodeEnd(node, addressing);
    return end ? observed(end) : missingAddress(nodeAddress(node, nodes, family));
  }
  const pod = pods.find(
    (candidate) => candidate.metadata.namespace === from.namespace && candidate.metadata.name === from.name,
  );
  if (!pod) return unavailable('api-not-found', `there is no pod ${from.namespace}/${from.name}`);
  const end = podEnd(pod, addressing);
  return end ? observed(end) : missingAddress(podAddress(pod, addressing));
}

function missingAddress(trusted: TrustedAddress): Fact<FlowEnd> {
  return trusted.address === null
    ? unavailable(trusted.code, trusted.why)
    : unavailable('not-parsed', `no end of the flow for ${trusted.address}`);
}

/** Returns pods that could be clients: pods on other nodes first, and of those the target's namespace first. */
function candidates(pods: readonly Pod[], target: Pod, family: AddressFamily): readonly Pod[] {
  const rank = (pod: Pod) =>
    (pod.spec.nodeName === target.spec.nodeName ? 2 : 0) +
    (pod.metadata.namespace === target.metadata.namespace ? 0 : 1);
  return (
    pods
      .filter(
        (pod) => isReachable(pod, family) && !pod.spec.hostNetwork && pod.spec.nodeName && key(pod) !== key(target),
      )
      // Of two pods with one address neither can call the other.
      .filter((pod) => statedAddress(pod, family) !== statedAddress(target, family))
      .toSorted((a, b) => rank(a) - rank(b) || key(a).localeCompare(key(b)))
  );
}

function key(pod: Pod): string {
  return `${pod.metadata.namespace}/${pod.metadata.name}`;
}

function nodeAsSource(addressing: Addressing, destination: FlowEnd): Fact<FlowEnd> {
  const { nodes } = addressing;
  const other = nodes.find((node) => node.metadata.name !== destination.node) ?? nodes[0];
  const source = other && nodeEnd(other, addressing);
  return source ? observed(source) : unavailable('not-applicable', 'there is no other pod or node to try from');
}
