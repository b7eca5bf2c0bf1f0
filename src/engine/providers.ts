/** Who provides which fact: probes, and computed facts as probes that run no command. */
import type { ComputedFact } from '../model/computed.ts';
import type { FactKey, Place } from '../model/facts.ts';
import type { ClusterProbe, Look, ObservedFacts, Probe } from '../model/probe.ts';

/** A computed fact is gathered as a probe is that runs no command. */
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

/** The facts without which nothing is called healthy. */
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

/** @throws Error when two provide the same fact */
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

/** The name of a fact, and its place where it has one. */
export function splitKey(key: FactKey): [string, Place | null] {
  const at = key.lastIndexOf('@');
  return at < 0 ? [key, null] : [key.slice(0, at), key.slice(at + 1) as Place];
}
