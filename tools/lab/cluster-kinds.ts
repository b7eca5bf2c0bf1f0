import { encaps, type Encap } from './encapsulation.ts';
import { dataplanes, datastores, layouts, nodeAccesses, type Topology } from './topology.ts';

/**
 * The kinds of clusters that people run, as the lab makes them, and few of them that stand for all: each pair of what
 * can be chosen is in one of the few.
 */

/** What is broken in a cluster to see that the diagnosis finds it there. */
export const brokenKinds = ['first case', 'policy', 'foreign drop', 'lost tunnel'] as const;

/** A kind of cluster. `broken`: what is broken there, beside its being healthy before. */
export interface ClusterKind extends Pick<Topology, 'datastore' | 'layout' | 'dataplane' | 'encap' | 'nodeAccess'> {
  readonly broken: (typeof brokenKinds)[number];
}

const choices = { datastore: datastores, layout: layouts, dataplane: dataplanes, encap: encaps } as const;

/** Calico's operator supports the Kubernetes datastore only; where nothing carries packets, no tunnel is lost. */
const exists = ({ datastore, layout, encap, broken }: ClusterKind) =>
  (layout !== 'operator' || datastore === 'kubernetes') && (encap !== 'none' || broken !== 'lost tunnel');

/** Every kind that exists in the world. */
export function allKinds(): readonly ClusterKind[] {
  return choices.datastore
    .flatMap((datastore) => choices.layout.map((layout) => ({ datastore, layout })))
    .flatMap((one) => choices.dataplane.map((dataplane) => ({ ...one, dataplane })))
    .flatMap((one) => choices.encap.map((encap) => ({ ...one, encap })))
    .flatMap((one) => nodeAccesses.map((nodeAccess) => ({ ...one, nodeAccess })))
    .flatMap((one) => brokenKinds.map((broken) => ({ ...one, broken })))
    .filter(exists);
}

/** The pairs of what a kind has chosen, each as one word. */
export function pairsOf(kind: ClusterKind): readonly string[] {
  const chosen = Object.entries(kind)
    .map(([what, value]) => `${what} ${value}`)
    .toSorted();
  return chosen.flatMap((one, at) => chosen.slice(at + 1).map((other) => `${one} + ${other}`));
}

/** Few of the kinds, with every pair that is in any of them: each time the one with the most pairs that are missing. */
export function coveringKinds(kinds: readonly ClusterKind[]): readonly ClusterKind[] {
  const missing = new Set(kinds.flatMap(pairsOf));
  const chosen: ClusterKind[] = [];
  const gain = (kind: ClusterKind) => pairsOf(kind).filter((pair) => missing.has(pair)).length;
  while (missing.size > 0) {
    const [best] = kinds.map((kind) => ({ kind, gain: gain(kind) })).toSorted((one, other) => other.gain - one.gain);
    if (!best || best.gain === 0) break;
    chosen.push(best.kind);
    for (const pair of pairsOf(best.kind)) missing.delete(pair);
  }
  return chosen;
}

/** Flags of `up` for a lab of the kind. */
export function flagsOf({ datastore, layout, dataplane, encap, nodeAccess }: ClusterKind): readonly string[] {
  const flags = { datastore, layout, dataplane, encap, 'node-access': nodeAccess };
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

/** Where the packets of a lab go into no tunnel, another fault loses them between the nodes. */
export const lostTunnelIn: Readonly<Record<Encap, string>> = {
  ipip: 'tunnel-down',
  vxlan: 'tunnel-down',
  crosssubnet: 'tunnel-down',
  none: 'bgp-session-down',
};
