import type { Fault } from './fault.ts';

/**
 * Returns the same faults.
 * @throws Error for a name that is there twice, or parts that are not there
 */
export function checkFaults(faults: readonly Fault[]): readonly Fault[] {
  const names = new Set(faults.map(({ name }) => name));
  if (names.size < faults.length) throw new Error('two faults of the lab have one name');
  const lost = faults
    .flatMap(({ parts, partsWith, partsInKubernetes }) => [
      ...parts,
      ...Object.values(partsWith).flat(),
      ...Object.entries(partsInKubernetes).flat(),
    ])
    .find((part) => !names.has(part));
  if (lost !== undefined) throw new Error(`no fault ${lost}, of which another is made`);
  return faults;
}
