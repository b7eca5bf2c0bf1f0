import type { ApiRead } from './api-reads.ts';
import type { Command, Moment, RunningCommand, Transcript } from './command.ts';
import type { Evidence, Fact } from './evidence.ts';
import type { ClusterFacts, FactKey, FactValue, NodeFacts, Place } from './facts.ts';
import type { Watch } from './control-flow.ts';
import type { Clock, ClusterReader, RememberedTarget } from './ports.ts';
import type { Target } from './target.ts';

/**
 * A probe looks and parses; it never concludes. `place`: `cluster` probes run once; `node` probes run once for each
 * place of the flow (see `places`), each providing its facts under `<fact>@<place>`.
 */
interface ProbeMeta<C extends string> {
  /** Also the file's name. */
  readonly id: string;
  readonly description: string;
  /** passive: only reads. active: sends marked packets or captures. */
  readonly kind: 'passive' | 'active';
  /** Commands of `src/commands/` that it runs on nodes; any other throws. */
  readonly commands: readonly Command<C>[];
  /** When in a run it runs them; not given: `first`. */
  readonly moment?: Moment;
  /** Reads of the Kubernetes API; any other throws. Not given: none. */
  readonly reads?: readonly ApiRead[];
  /** Without its facts, nothing is called healthy. A list: without these of them. */
  readonly essential: boolean | readonly string[];
}

export interface ClusterProbe<
  C extends string = string,
  N extends FactKey = FactKey,
  P extends keyof ClusterFacts = keyof ClusterFacts,
> extends ProbeMeta<C> {
  readonly place: 'cluster';
  /** Facts it needs; if one is unavailable the probe does not run and its facts are `needed-fact-missing`. */
  readonly needs: readonly N[];
  /** Facts it may ask for while it reads, and can do without. */
  readonly uses?: readonly FactKey[];
  /** Nodes on which it runs its commands. */
  readonly runsOn?: readonly Place[];
  readonly provides: readonly P[];
  read(look: Look<C>, facts: ObservedFacts<N>): Promise<{ readonly [K in P]: Fact<ClusterFacts[K]> }>;
}

export interface NodeProbe<
  C extends string = string,
  N extends FactKey = FactKey,
  P extends keyof NodeFacts = keyof NodeFacts,
> extends ProbeMeta<C> {
  readonly place: 'node';
  readonly places: readonly Place[];
  /** Facts that it needs before it looks. */
  readonly needs: readonly N[];
  readonly provides: readonly P[];
  read(look: NodeLook<C>, facts: ObservedFacts<N>): Promise<{ readonly [K in P]: Fact<NodeFacts[K]> }>;
}

export type Probe = ClusterProbe | NodeProbe;

/** The needed facts as values; `ask` waits for another declared fact (`uses`), observed or not. */
export interface ObservedFacts<N extends FactKey> {
  get<K extends N>(key: K): FactValue<K>;
  evidence(key: FactKey): readonly Evidence[];
  ask<K extends FactKey>(key: K): Promise<Fact<FactValue<K>>>;
}

/** What a probe may do. Rejections with LookError become unavailable facts; anything else is the probe's own error. */
export interface Look<C extends string> {
  readonly target: Target;
  readonly cluster: ClusterReader;
  /** Namespaces in which Calico itself runs; only what stands there can be Calico's. */
  readonly calicoNamespaces: readonly string[];
  readonly clock: Clock;
  /** What was known of the target before, for when the API server does not answer. */
  remembered(): Promise<RememberedTarget | null>;
  /** A stable source of nonces for this run: the same run id gives the same numbers, so that a case can be replayed. */
  nonce(purpose: string): number;
  /** What to try around a fix; null in a diagnosis. */
  readonly watch: Watch | null;
  /** Aborts when the run is cancelled. */
  readonly signal: AbortSignal;
  /** Runs one of the probe's commands on a node of the flow. */
  on(place: Place): NodeLook<C>;
}

export interface NodeLook<C extends string> extends Omit<Look<C>, 'on'> {
  readonly place: Place;
  /** Kubernetes name of the node. */
  readonly node: string;
  run(command: Command<C>, params?: Readonly<Record<string, string>>): Promise<Transcript>;
  start(command: Command<C>, params?: Readonly<Record<string, string>>): RunningCommand;
}

/** Checks the shape of a probe with its own commands and facts, and gives it as one among all. */
export function defineClusterProbe<const C extends string, const N extends FactKey, const P extends keyof ClusterFacts>(
  probe: ClusterProbe<C, N, P>,
): ClusterProbe {
  return probe as unknown as ClusterProbe;
}
export function defineNodeProbe<const C extends string, const N extends FactKey, const P extends keyof NodeFacts>(
  probe: NodeProbe<C, N, P>,
): NodeProbe {
  return probe as unknown as NodeProbe;
}
