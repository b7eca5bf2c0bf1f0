import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { FlowPort } from '../../model/target.ts';
import type { Ingress } from '../../flow-walks/ingress.ts';
import { describeEnd } from '../../model/flow-end-words.ts';

/**
 * How many declared ports are tried beside the judged one: a server that is looked at is not to be flooded with
 * connects.
 */
export const mostOtherPorts = 7;

export type IngressOf = (source: FlowEnd, port: FlowPort) => Ingress;
export type ChosenPorts = Pick<Flow, 'port' | 'otherPorts' | 'untriedPorts'>;
type ChosenSource = Pick<Flow, 'source' | 'refusedByDesign'>;

/**
 * The source that stands for the clients, when none was asked for: the first that no policy refuses on any port, else
 * the one that is refused on the fewest. One on the pod's own node only where every other is refused on every port: it
 * cannot show what is wrong between nodes. The first where all are refused on all: then nobody is admitted, and that is
 * a fault.
 * @param sources at least one, the likeliest first
 */
export function chooseSource(
  sources: readonly FlowEnd[],
  ports: readonly FlowPort[],
  targetNode: string | null,
  ingressOf: IngressOf,
): ChosenSource {
  const source =
    leastRefused(
      sources.filter(({ node }) => node !== targetNode),
      ports,
      ingressOf,
    ) ??
    leastRefused(
      sources.filter(({ node }) => node === targetNode),
      ports,
      ingressOf,
    );
  if (!source) {
    const [first] = sources;
    if (!first) throw new Error('there is no source to choose from');
    return { source: first, refusedByDesign: [] };
  }
  const refusedByDesign = sources.slice(0, sources.indexOf(source) + 1).flatMap((candidate) => {
    // A port that admits nobody refuses nobody by design.
    const refused = refusedPorts(candidate, ports, ingressOf).filter((port) =>
      sources.some((other) => ingressOf(other, port).policy === null),
    );
    const policies = [...new Set(refused.map((port) => ingressOf(candidate, port).policy))];
    return refused.length === 0
      ? []
      : [
          {
            source: describeEnd(candidate),
            policy: policies.join(', '),
            ports: refused.length === ports.length ? null : refused,
          },
        ];
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
 * The port that is judged: the first that the pod's node denies to this source, else the first. A port that refuses
 * this source by design, since it admits another, is never judged: the other tries it where its node is at hand.
 * @param others who else might be admitted: nobody where the source was asked about, since then a refusal is the answer
 */
export function choosePorts(
  source: FlowEnd,
  others: readonly FlowEnd[],
  ports: readonly [FlowPort, ...FlowPort[]],
  targetNode: string | null,
  ingressOf: IngressOf,
): ChosenPorts {
  const byDesign = ports.flatMap((port) => {
    const { policy } = ingressOf(source, port);
    const admitted = policy === null ? [] : others.filter((other) => ingressOf(other, port).policy === null);
    const nearest = admitted.find(({ node }) => node === source.node || node === targetNode) ?? admitted[0];
    return policy === null || !nearest
      ? []
      : [{ port, policy, nearest, isAtHand: nearest.node === source.node || nearest.node === targetNode }];
  });
  const left = ports.filter((port) => !byDesign.some((refused) => refused.port === port));
  const port = left.find((candidate) => ingressOf(source, candidate).denied) ?? left[0] ?? ports[0];
  const tried = [
    ...left.filter((other) => other !== port).map((other) => ({ port: other, source })),
    ...byDesign
      .filter(({ isAtHand }) => isAtHand)
      .map(({ port: refused, nearest }) => ({ port: refused, source: nearest })),
  ];
  return {
    port,
    otherPorts: tried.slice(0, mostOtherPorts),
    untriedPorts: [
      ...byDesign
        .filter(({ isAtHand }) => !isAtHand)
        .map(({ port: refused, policy, nearest }) => ({
          port: refused,
          refused: { policy, admitted: `pod:${describeEnd(nearest)}` },
        })),
      ...tried.slice(mostOtherPorts).map((beyond) => ({ port: beyond.port, refused: null })),
    ],
  };
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
