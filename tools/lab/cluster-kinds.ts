import { encaps, type Encap } from './encapsulation.ts';
import { dataplanes, datastores, layouts, nodeAccesses, type Topology } from './topology.ts';

/**
 * The kinds of clusters that people run, and few of them that stand for all: every pair of what one can choose, and of
 * that with what is broken, is in one of the few.
 */

/** What is broken in a cluster to see that a diagnosis finds it there. */
export const brokenKinds = ['first case', 'policy', 'foreign drop', 'lost between nodes'] as const;

export type Cluster = Pick<Topology, 'datastore' | 'layout' | 'dataplane' | 'encap' | 'nodeAccess'>;

interface ClusterCase extends Cluster {
  readonly broken: (typeof brokenKinds)[number];
}

/** A cluster that is brought up once, and all that is broken in it. */
export interface BrokenCluster {
  readonly cluster: Cluster;
  readonly broken: readonly ClusterCase['broken'][];
}

/** Every kind of cluster that exists in the world: Calico's operator supports the Kubernetes datastore only. */
export function allClusters(): readonly Cluster[] {
  return datastores
    .flatMap((datastore) => layouts.map((layout) => ({ datastore, layout })))
    .filter(({ datastore, layout }) => layout !== 'operator' || datastore === 'kubernetes')
    .flatMap((one) => dataplanes.map((dataplane) => ({ ...one, dataplane })))
    .flatMap((one) => encaps.map((encap) => ({ ...one, encap })))
    .flatMap((one) => nodeAccesses.map((nodeAccess) => ({ ...one, nodeAccess })));
}

const casesOf = ({ cluster, broken }: BrokenCluster): readonly ClusterCase[] =>
  broken.map((one) => ({ ...cluster, broken: one }));

/** The pairs of what is chosen, each as one word. */
function pairsOf(one: Cluster | ClusterCase): readonly string[] {
  const chosen = Object.entries(one)
    .map(([what, value]) => `${what} ${value}`)
    .toSorted();
  return chosen.flatMap((first, at) => chosen.slice(at + 1).map((second) => `${first} + ${second}`));
}

/** All pairs of some clusters, and of them and what is broken there. */
export const pairsIn = (clusters: readonly BrokenCluster[]): ReadonlySet<string> =>
  new Set(clusters.flatMap((one) => [one.cluster, ...casesOf(one)]).flatMap(pairsOf));

/** Few of the choices that have every pair which is not done yet: each time the one with the most of them. */
function covering<Choice extends Cluster>(choices: readonly Choice[], done: Set<string>): readonly Choice[] {
  const gain = (one: Choice) => pairsOf(one).filter((pair) => !done.has(pair)).length;
  const taken: Choice[] = [];
  for (;;) {
    const [best] = choices.map((one) => ({ one, gain: gain(one) })).toSorted((a, b) => b.gain - a.gain);
    if (!best || best.gain === 0) return taken;
    taken.push(best.one);
    for (const pair of pairsOf(best.one)) done.add(pair);
  }
}

/**
 * Few clusters that have, with those already tested, every pair of what one can choose; then what is to be broken in
 * which of them, so that those pairs are all there, too: one thing in each at least.
 */
export function coveringClusters(
  clusters: readonly Cluster[],
  tested: readonly BrokenCluster[],
): readonly BrokenCluster[] {
  const done = new Set(pairsIn(tested));
  const few = covering(clusters, done);
  const cases = covering(
    few.flatMap((cluster) => casesOf({ cluster, broken: brokenKinds })),
    done,
  );
  return few.map((cluster) => {
    const broken = cases.filter((one) => nameOf(one) === nameOf(cluster)).map((one) => one.broken);
    return { cluster, broken: broken.length > 0 ? broken : ['first case'] };
  });
}

/** As people read it. */
export function nameOf({ datastore, layout, dataplane, encap, nodeAccess }: Cluster): string {
  return [datastore, layout, dataplane, encap, nodeAccess].join(' ');
}

/** Flags of `up` for a lab of the kind. */
export function flagsOf({ datastore, layout, dataplane, encap, nodeAccess }: Cluster): readonly string[] {
  const flags = { datastore, layout, dataplane, encap, 'node-access': nodeAccess };
  return Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
}

const usual: Cluster = {
  datastore: 'etcd',
  layout: 'manifest',
  dataplane: 'legacy',
  encap: 'ipip',
  nodeAccess: 'ssh',
};

/** Clusters that suites of their own bring up, and break as much in: there is no need to do so again. */
export const testedElsewhere = {
  'faults-legacy.test.ts': { cluster: usual, broken: brokenKinds },
  'faults-nft.test.ts': { cluster: { ...usual, dataplane: 'nft' }, broken: brokenKinds },
  'nftables.test.ts': {
    cluster: { ...usual, dataplane: 'nftables' },
    broken: ['first case', 'policy', 'foreign drop'],
  },
  'node-agent.test.ts': {
    cluster: { ...usual, dataplane: 'nft', encap: 'none', nodeAccess: 'agent' },
    broken: ['first case'],
  },
  'kubernetes-datastore.test.ts': {
    cluster: { datastore: 'kubernetes', layout: 'operator', dataplane: 'nft', encap: 'vxlan', nodeAccess: 'agent' },
    broken: ['first case', 'policy', 'foreign drop'],
  },
} as const satisfies Record<string, BrokenCluster>;

/** What a suite of its own gives `up`. */
export const flagsOfSuite = (suite: keyof typeof testedElsewhere): readonly string[] =>
  flagsOf(testedElsewhere[suite].cluster);

/** The faults of the lab that are meant, as `break` takes them. Where nothing is a tunnel, something else is lost. */
export function faultsOf(broken: ClusterCase['broken'], { encap }: Cluster): readonly string[][] {
  const one = { 'first case': 'first-case', policy: 'policy-deny', 'foreign drop': 'foreign-drop' } as const;
  return broken === 'lost between nodes' ? lostBetweenNodes[encap] : [[one[broken]]];
}

const lostBetweenNodes: Readonly<Record<Encap, readonly string[][]>> = {
  ipip: [['tunnel-down']],
  vxlan: [['tunnel-down']],
  // Of the tunnel to one node, each entry alone.
  crosssubnet: [['vxlan-neighbour-lost'], ['vxlan-neighbour-lost', 'lost=address']],
  none: [['pod-addresses-blocked']],
};
