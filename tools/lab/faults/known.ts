import type { Encap } from '../encapsulation.ts';
import { UsageError } from '../options.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Fault } from './fault.ts';

/** @throws UsageError for a fault that the catalogue does not have. */
export function known(name: string): Fault {
  const fault = catalogue.find((one) => one.name === name);
  if (!fault) throw new UsageError(`no fault ${name}; there are ${catalogue.map((one) => one.name).join(', ')}`);
  return fault;
}

/**
 * The faults that one is made of in a lab of this kind, or the fault itself.
 * @throws UsageError where the lab does not have what one of them breaks.
 */
export function partsOf(fault: Fault, encap: Encap): readonly Fault[] {
  const parts = fault.partsWith[encap] ?? fault.parts;
  const wanted = parts.length > 0 ? parts.map(known) : [fault];
  const misplaced = wanted.find(({ encaps }) => !encaps.includes(encap));
  if (misplaced)
    throw new UsageError(
      `${misplaced.name} needs a lab of --encap ${misplaced.encaps.join(' or ')}; this one has ${encap}`,
    );
  return wanted;
}
