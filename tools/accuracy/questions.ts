/** What is asked in a lab of one kind. */
import { brokenCases, joined, type BrokenCase } from '../lab/faults/broken-cases.ts';
import { encaps, type Encap } from '../lab/encapsulation.ts';
import type { RecordedKind } from '../lab/recorded-cases.ts';
import { dataplanes, datastores, type Dataplane, type Era, type LabDatastore } from '../lab/topology.ts';
import { oddInputs, type OddInput } from '../lab/odd-inputs.ts';
import { asksOf, combinations, expectedOf, isCombinable, randomFrom, sample, type ExpectedIds } from './combine.ts';
import type { Kind } from './score.ts';

export interface Question {
  readonly kind: Kind;
  readonly what: string;
  readonly faults: readonly BrokenCase[];
  readonly odd: OddInput | null;
  /** What `diagnose` is given each time, and what it must say. */
  readonly asks: readonly { readonly words: readonly string[]; readonly expected: ExpectedIds }[];
}

/** How many of each kind. `only`: faults of these names alone; empty: all. */
export interface Wanted {
  readonly seed: number;
  readonly only: readonly string[];
  readonly singles: number;
  readonly pairs: number;
  readonly triples: number;
  readonly odd: number;
}

/** What decides which questions there are. */
interface AskedLab {
  readonly dataplane: Dataplane;
  readonly datastore: LabDatastore;
  readonly encap: Encap;
  readonly era?: Era | undefined;
}

const bare = 'default/mypod';
const from = ['--from', 'pod:default/client'];
const nothing: ExpectedIds = { roots: [], latent: [], hidden: [] };

/** Returns the questions, the same for the same seed. */
export function questionsOf({ encap, dataplane, datastore, era = '3' }: AskedLab, wanted: Wanted): readonly Question[] {
  // Each kind draws anew: a fault that is broken alone changes no pair of others.
  const random = () => randomFrom(wanted.seed);
  const cases = brokenCases({ encap, datastore, era, typha: false }).filter(
    ({ fault }) => wanted.only.length === 0 || wanted.only.includes(fault),
  );
  // Without IPIP the packets of some sources go through no tunnel: the one is asked about that the faults are about.
  const asked = (words: readonly string[]) => (encap === 'ipip' || words.join(' ') !== bare ? words : [bare, ...from]);
  const single = (one: BrokenCase): Question => ({
    kind: 'single',
    what: faultWords([one]),
    faults: [one],
    odd: null,
    asks: [one.expects, ...one.expects.others].map((judgement) => ({
      words: asked(judgement.asks),
      expected: { ...nothing, ...joined([judgement]) },
    })),
  });
  const together = (kind: Kind, size: number, count: number) =>
    sample(combinations(cases.filter(isCombinable), size), count, random()).map((faults): Question => ({
      kind,
      what: faultWords(faults),
      faults,
      odd: null,
      asks: asksOf(faults).map((about) => ({
        words: asked(about.split(' ')),
        expected: expectedOf(faults, about),
      })),
    }));
  return [
    ...sample(cases, wanted.singles, random()).map(single),
    ...together('pair', 2, wanted.pairs),
    ...together('triple', 3, wanted.triples),
    ...sample(oddInputs(dataplane), wanted.odd, random()).map(healthy),
  ];
}

/** The faults that a kind of lab can have, as a question names them. */
export interface PossibleFaults {
  readonly lab: RecordedKind;
  readonly faults: readonly string[];
}

/** Returns the faults that every kind of lab can have. */
export function possibleFaults(): readonly PossibleFaults[] {
  const today: readonly RecordedKind[] = dataplanes.flatMap((dataplane) =>
    datastores.flatMap((datastore) => encaps.map((encap) => ({ dataplane, datastore, encap }))),
  );
  const era2 = (['legacy', 'nft'] as const).map((dataplane): RecordedKind => ({
    dataplane,
    datastore: 'etcd',
    encap: 'ipip',
    era: '2',
  }));
  return [...today, ...era2].map((lab) => ({
    lab,
    faults: brokenCases({ ...lab, typha: false }).map((one) => faultWords([one])),
  }));
}

/** `FAULT key=value + FAULT`. */
function faultWords(cases: readonly BrokenCase[]): string {
  return cases.map(({ fault, given }) => [fault, ...given].join(' ')).join(' + ');
}

const healthy = (odd: OddInput): Question => ({
  kind: 'healthy',
  what: odd.title,
  faults: [],
  odd,
  asks: [{ words: [bare, ...from, '--port', '8080/tcp'], expected: nothing }],
});
