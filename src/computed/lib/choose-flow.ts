import type { Flow, FlowEnd } from '../../model/flow.ts';
import type { FlowPort } from '../../model/target.ts';
import type { Ingress } from '../../flow-walks/ingress.ts';
import { describeEnd } from '../../model/flow-end-words.ts';

/** At most this many declared ports are tried beside the judged one, so that a busy server gets few connections. */
export const mostOtherPorts = 7;

export type IngressOf = (source: FlowEnd, port: FlowPort) => Ingress;
export type ChosenPorts = Pick<Flow, 'port' | 'otherPorts' | 'untriedPorts'>;
type ChosenSource = Pick<Flow, 'source' | 'refusedByDesign'>;

/**
 * Returns the source that stands for the clients if none was asked for: the first that no policy denies on any port,
 * else the one that is denied on the fewest ports. A source on the pod's own node cannot show a fault between nodes, so
 * it is chosen only if all others are denied on all ports. If every source is denied everywhere, the first is returned:
 * the policies then admit no client, which is a fault.
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
    // A port counts as denied by design only if another source is admitted.
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
 * Returns the port that is judged: the first that the pod's node denies to this source, else the first. A port that
 * denies this source by design, because it admits another, is never judged. The other source tries it if it is on a
 * node of the flow.
 * @param others other possible sources; empty if the source was asked for, because then a denial is the answer
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

/** Returns the same function with its results remembered by source and port. */
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
