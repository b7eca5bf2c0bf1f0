import type { Encap } from '../encapsulation.ts';
import { catalogue } from './catalogue/registry.ts';
import type { Fault, Judgement } from './fault.ts';
import { known } from './known.ts';

/** One way to break a fault, and what must hold while it is. */
export interface BrokenCase {
  readonly fault: string;
  /** `key=value`, as `break` takes them. */
  readonly given: string[];
  readonly expects: Fault['expects'];
  readonly beside: Fault['beside'];
}

/** Every fault of a lab of this kind, without parameters, and with those that change what must hold. */
export function brokenCases(encap: Encap): readonly BrokenCase[] {
  return catalogue
    .filter(({ encaps }) => encaps.includes(encap))
    .flatMap((fault) =>
      [{ ...fault, parameters: {}, expects: ofParts(fault, encap) }, ...fault.variants]
        .filter(({ encaps }) => encaps.includes(encap))
        .map(({ parameters, expects, beside }) => ({
          fault: fault.name,
          given: Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
          expects,
          beside,
        })),
    );
}

/** What a fault that is made of others says where it is made of other ones than usual. */
function ofParts(fault: Fault, encap: Encap): Fault['expects'] {
  const parts = fault.partsWith[encap]?.map((part) => known(part).expects);
  return parts ? { ...fault.expects, ...joined(parts) } : fault.expects;
}

/** The ids of what several faults say, each once. */
export function joined(judgements: readonly Judgement[]): Pick<Judgement, 'roots' | 'consequences' | 'latent'> {
  const all = (of: (one: Judgement) => readonly string[]) => [...new Set(judgements.flatMap(of))];
  return {
    roots: all(({ roots }) => roots),
    consequences: all(({ consequences }) => consequences),
    latent: all(({ latent }) => latent),
  };
}
