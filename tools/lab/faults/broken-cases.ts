import { catalogue } from './catalogue/registry.ts';
import type { Fault, Judgement, LabKind } from './fault.ts';
import { known, lackOf, partNames } from './known.ts';

/** One way to break a fault, and what must hold while it is. */
export interface BrokenCase {
  readonly fault: string;
  /** `key=value`, as `break` takes them. */
  readonly given: string[];
  readonly expects: Fault['expects'];
  readonly beside: Fault['beside'];
}

/** Every fault of a lab of this kind, without parameters, and with those that change what must hold. */
export function brokenCases(lab: LabKind): readonly BrokenCase[] {
  return catalogue
    .filter((fault) => lackOf(fault, lab) === null)
    .flatMap((fault) =>
      [{ ...fault, parameters: {}, expects: expectedIn(lab, fault) }, ...fault.variants]
        .filter(({ encaps }) => encaps.includes(lab.encap))
        .map(({ parameters, expects, beside }) => ({
          fault: fault.name,
          given: Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
          expects,
          beside,
        })),
    );
}

/** What a fault says in a lab: of other parts than usual, what these say, of their own pod. */
export function expectedIn(lab: LabKind, fault: Fault): Fault['expects'] {
  const names = partNames(fault, lab);
  if (names.join() === fault.parts.join()) return (lab.typha ? fault.expectsWithTypha : null) ?? fault.expects;
  const parts = names.map((part) => expectedIn(lab, known(part)));
  const asks = parts.find((part) => part.asks.join() !== fault.expects.asks.join())?.asks ?? fault.expects.asks;
  return { ...fault.expects, ...joined(parts), asks, silent: parts.flatMap(({ silent }) => silent) };
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
