/** Finds the provider of each fact: a probe, or a computed fact, which acts as a probe without commands. */
import type { ComputedFact } from '../model/computed.ts';
import type { FactKey, Place } from '../model/facts.ts';
import type { ClusterProbe, Look, ObservedFacts, Probe } from '../model/probe.ts';

/** Returns a computed fact in the shape of a probe that runs no command. */
export function asProbe(computed: ComputedFact): ClusterProbe {
  const { id, description, essential, needs, considers = [] } = computed;
  const read = async (look: Look<string>, facts: ObservedFacts<FactKey>) => ({
    [id]: await computed.compute(facts, look.target),
  });
  return {
    id,
    description,
    essential,
    needs,
    uses: considers,
    provides: [id],
    kind: 'passive',
    place: 'cluster',
    commands: [],
    read,
  } as unknown as ClusterProbe;
}

/** Returns the facts without which no verdict is `healthy`. */
export function essentialKeys(probes: readonly Probe[]): readonly FactKey[] {
  return probes
    .filter(({ essential }) => essential)
    .flatMap((probe): readonly FactKey[] =>
      probe.place === 'cluster'
        ? probe.provides.filter((fact) => isEssential(probe, fact))
        : probe.places.flatMap((place) =>
            probe.provides.filter((fact) => isEssential(probe, fact)).map((fact) => `${fact}@${place}` as const),
          ),
    );
}

function isEssential({ essential }: Probe, fact: string): boolean {
  return typeof essential === 'boolean' ? essential : essential.includes(fact);
}

/** @throws Error if two units provide the same fact */
export function indexProviders(probes: readonly Probe[]): ReadonlyMap<string, Probe> {
  const providers = new Map<string, Probe>();
  for (const probe of probes) {
    for (const fact of probe.provides) {
      const other = providers.get(fact);
      if (other) throw new Error(`both ${other.id} and ${probe.id} provide ${fact}`);
      providers.set(fact, probe);
    }
  }
  return providers;
}

/** Splits a fact's name from its place; null: the fact has no place. */
export function splitKey(key: FactKey): [string, Place | null] {
  const at = key.lastIndexOf('@');
  return at < 0 ? [key, null] : [key.slice(0, at), key.slice(at + 1) as Place];
}
