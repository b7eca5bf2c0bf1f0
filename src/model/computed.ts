import type { Evidence, Fact } from './evidence.ts';
import type { ClusterFacts, FactKey, FactValue } from './facts.ts';
import type { Target } from './target.ts';

/**
 * A fact that follows from other facts, worked out once a run when somebody asks for it. Pure: the same facts give the
 * same value, whatever the clock, the cluster or the order in which they settled.
 */
export interface ComputedFact<
  I extends keyof ClusterFacts = keyof ClusterFacts,
  N extends FactKey = FactKey,
  C extends FactKey = FactKey,
> {
  /** The fact's own key, and the file's name. */
  readonly id: I;
  readonly description: string;
  /** Without it, nothing is called healthy. */
  readonly essential: boolean;
  /** Facts that it follows from: while one of them is unavailable, so is this. */
  readonly needs: readonly N[];
  /** Facts that it asks for where it must know them, and can do without. */
  readonly considers?: readonly C[];
  compute(facts: ComputedInputs<N, C>, target: Target): Fact<ClusterFacts[I]> | Promise<Fact<ClusterFacts[I]>>;
}

export interface ComputedInputs<N extends FactKey, C extends FactKey> {
  get<K extends N>(key: K): FactValue<K>;
  evidence(key: N | C): readonly Evidence[];
  /** Waits for a considered fact, observed or not. */
  ask<K extends C>(key: K): Promise<Fact<FactValue<K>>>;
}

/** Checks the shape of a computed fact with its own inputs, and gives it as one among all. */
export function defineComputed<
  const I extends keyof ClusterFacts,
  const N extends FactKey,
  const C extends FactKey = never,
>(computed: ComputedFact<I, N, C>): ComputedFact {
  return computed;
}
