import type { ComputedFact } from '../model/computed.ts';
import type { Fix } from '../model/fix.ts';
import type { Probe } from '../model/probe.ts';
import { consideredBy, type Rule } from '../model/rule.ts';
import { asProbe, indexProviders, splitKey } from './providers.ts';

interface Units {
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
  readonly rules: readonly Rule[];
  readonly fixes: readonly Fix[];
}

/**
 * Returns units of different kinds as they are, when they fit together. Each registry has checked its own.
 * @throws Error that names every offender: a fact that two provide; one that is asked for and that nobody provides, at
 *   that place; a rule that offers a fix that is not there; a fix that watches what nobody provides
 */
export function checkTogether<U extends Units>(units: U): U {
  const { probes, computed, rules, fixes } = units;
  const providers = indexProviders([...probes, ...computed.map(asProbe)]);
  const isProvided = (key: string) => {
    const [fact, place] = splitKey(key as Parameters<typeof splitKey>[0]);
    const provider = providers.get(fact);
    if (!provider) return false;
    return provider.place === 'node' ? place !== null && provider.places.includes(place) : place === null;
  };
  const wrong = [
    ...probes.map((probe) =>
      asks(probe.id, [...probe.needs, ...(probe.place === 'cluster' ? (probe.uses ?? []) : [])]),
    ),
    ...computed.map(({ id, needs, considers = [] }) => asks(id, [...needs, ...considers])),
    ...rules.map((rule) => asks(rule.id, [...rule.requires, ...consideredBy(rule)])),
    ...fixes.map(({ id, controls }) =>
      asks(
        id,
        controls.map(({ fact }) => fact).filter((fact) => fact !== 'objects'),
      ),
    ),
  ].flatMap(({ id, keys }) => keys.filter((key) => !isProvided(key)).map((key) => `nobody provides ${key} for ${id}`));
  const lost = rules.flatMap(({ id, fix }) =>
    fix === undefined || fixes.some((one) => one.id === fix) ? [] : [`${id} offers ${fix}, which is not a fix`],
  );
  if (wrong.length + lost.length > 0)
    throw new Error(`the units do not fit together: ${[...wrong, ...lost].join('; ')}`);
  return units;
}

function asks(id: string, keys: readonly string[]): { readonly id: string; readonly keys: readonly string[] } {
  return { id, keys };
}
