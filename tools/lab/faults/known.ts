import { UsageError } from '../options.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Fault, LabKind } from './fault.ts';

/** @throws UsageError for a fault that the catalogue does not have. */
export function known(name: string): Fault {
  const fault = catalogue.find((one) => one.name === name);
  if (!fault) throw new UsageError(`no fault ${name}; there are ${catalogue.map((one) => one.name).join(', ')}`);
  return fault;
}

/** Names of the parts of a fault in a lab of this kind; none: it is no more than itself. */
export function partNames(fault: Fault, { encap, datastore, era }: LabKind): string[] {
  const { parts, partsWith, partsInKubernetes, partsInEra2 } = fault;
  const here = partsWith[encap] ?? parts;
  const others = datastore === 'kubernetes' ? partsInKubernetes : era === '2' ? partsInEra2 : {};
  return here.map((part) => others[part] ?? part);
}

/** What a lab lacks for a fault, as `up` takes it; null: nothing. */
export function lackOf(
  fault: Pick<Fault, 'encaps' | 'datastores' | 'eras' | 'needsTypha'>,
  lab: LabKind,
): string | null {
  const { encaps, datastores, eras, needsTypha } = fault;
  const { era = '3' } = lab;
  if (!eras.includes(era)) return `--era ${eras.join(' or ')}; this one has ${era}`;
  if (!encaps.includes(lab.encap)) return `--encap ${encaps.join(' or ')}; this one has ${lab.encap}`;
  if (!datastores.includes(lab.datastore))
    return `--datastore ${datastores.join(' or ')}; this one has ${lab.datastore}`;
  return needsTypha && !lab.typha ? '--typha' : null;
}

/**
 * The faults that one is made of in a lab of this kind, or the fault itself.
 * @throws UsageError where the lab does not have what one of them breaks.
 */
export function partsOf(fault: Fault, lab: LabKind): readonly Fault[] {
  const parts = partNames(fault, lab);
  const wanted = parts.length > 0 ? parts.map(known) : [fault];
  for (const one of wanted) {
    const lack = lackOf(one, lab);
    if (lack !== null) throw new UsageError(`${one.name} needs a lab of ${lack}`);
  }
  return wanted;
}
