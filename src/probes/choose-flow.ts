import type { Flow, FlowEnd } from '../model/facts.ts';
import type { FlowPort } from '../model/target.ts';
import type { Ingress } from './ingress-walk.ts';
import { describeEnd } from './parse/pod-facts.ts';

/** How many declared ports are tried beside the judged one: a server that is looked at is not to be flooded with connects. */
export const mostOtherPorts = 7;

export type IngressOf = (source: FlowEnd, port: FlowPort) => Ingress;
export type ChosenPorts = Pick<Flow, 'port' | 'otherPorts' | 'untriedPorts'>;
type ChosenSource = Pick<Flow, 'source' | 'refusedByDesign'>;

/**
 * The source that stands for the clients, when none was asked for: the first that no policy refuses on any port, else the
 * one that is refused on the fewest. One on the pod's own node only where every other is refused on every port: it cannot
 * show what is wrong between nodes. The first where all are refused on all: then nobody is admitted, and that is a fault.
 * @param sources at least one, the likeliest first
 */
export function chooseSource(sources: readonly FlowEnd[], ports: readonly FlowPort[], targetNode: string | null, ingressOf: IngressOf): ChosenSource {
  const source = leastRefused(sources.filter(({ node }) => node !== targetNode), ports, ingressOf) ?? leastRefused(sources.filter(({ node }) => node === targetNode), ports, ingressOf);
  if (!source) {
    const [first] = sources;
    if (!first) throw new Error('there is no source to choose from');
    return { source: first, refusedByDesign: [] };
  }
  const refusedByDesign = sources.slice(0, sources.indexOf(source)).flatMap((passedOver) => {
    const refused = refusedPorts(passedOver, ports, ingressOf);
    const policies = [...new Set(refused.map((port) => ingressOf(passedOver, port).policy))];
    return refused.length === 0 ? [] : [{ source: describeEnd(passedOver), policy: policies.join(', '), ports: refused.length === ports.length ? null : refused }];
  });
  return { source, refusedByDesign };
}

function leastRefused(sources: readonly FlowEnd[], ports: readonly FlowPort[], ingressOf: IngressOf): FlowEnd | null {
  let best: FlowEnd | null = null;
  let fewest = ports.length;
  for (const source of sources) {
    const { length } = refusedPorts(source, ports, ingressOf);
    if (length < fewest) [best, fewest] = [source, length];
    if (fewest === 0) break;
  }
  return best;
}

function refusedPorts(source: FlowEnd, ports: readonly FlowPort[], ingressOf: IngressOf): readonly FlowPort[] {
  return ports.filter((port) => ingressOf(source, port).policy !== null);
}

/**
 * The port that is judged: the first that the pod's node denies to this source, else the first. A port that refuses this
 * source by design, since it admits another, is not tried.
 * @param others who else might be admitted: nobody where the source was asked about, since then a refusal is the answer
 */
export function choosePorts(source: FlowEnd, others: readonly FlowEnd[], ports: readonly [FlowPort, ...FlowPort[]], ingressOf: IngressOf): ChosenPorts {
  const byDesign = ports.flatMap((port) => {
    const { policy } = ingressOf(source, port);
    const admitted = policy === null ? undefined : others.find((other) => ingressOf(other, port).policy === null);
    return policy === null || !admitted ? [] : [{ port, refused: { policy, admitted: `pod:${describeEnd(admitted)}` } }];
  });
  const left = ports.filter((port) => !byDesign.some((refused) => refused.port === port));
  const port = left.find((candidate) => ingressOf(source, candidate).denied) ?? left[0] ?? ports[0];
  const rest = left.filter((other) => other !== port);
  return { port, otherPorts: rest.slice(0, mostOtherPorts), untriedPorts: [...byDesign, ...rest.slice(mostOtherPorts).map((untried) => ({ port: untried, refused: null }))] };
}

/** The same question is walked once. */
export function remembering(ingressOf: IngressOf): IngressOf {
  const known = new Map<FlowEnd, Map<FlowPort, Ingress>>();
  return (source, port) => {
    const ofSource = known.get(source) ?? new Map<FlowPort, Ingress>();
    known.set(source, ofSource);
    const ingress = ofSource.get(port) ?? ingressOf(source, port);
    ofSource.set(port, ingress);
    return ingress;
  };
}
