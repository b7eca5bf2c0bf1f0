import { encaps, type Encap } from '../encapsulation.ts';
import { datastores, type Era, type LabDatastore, type Topology } from '../topology.ts';
import type { Flow } from './flows.ts';
import type { Step } from './steps.ts';

/** What one diagnosis must say. The lists hold ids of rules. */
export type Judgement = {
  /** Arguments of `diagnose`: a pod, and options. */
  asks: readonly string[];
  verdict: 'fault' | 'healthy' | 'inconclusive';
  roots: readonly string[];
  consequences: readonly string[];
  latent: readonly string[];
};

/** What must hold while a fault is broken. Once it is healed, every flow that is named here answers. */
type Expectation = Judgement & {
  answers: readonly Flow[];
  silent: readonly Flow[];
  /** What other diagnoses must say. */
  others: readonly Judgement[];
  /** The fix that the first diagnosis offers, and after which every silent flow answers; not given: there is none. */
  fixedBy?: string;
};

type Parameters = Readonly<Record<string, string>>;

/** The way of the packet from default/client to default/mypod, in the order in which it meets the parts. */
export const stations = ['source-node', 'network', 'target-node', 'target-interface', 'target-pod', 'reply'] as const;

/** What must be known of a fault to break others beside it. */
export interface Beside {
  /** What it changes: no other fault may change it or need it. */
  readonly takes: readonly string[];
  /** What must be whole to break and heal it. */
  readonly needs: readonly string[];
  /** Where it ends the asked packet, or its reply; null: nowhere. */
  readonly endsAt: (typeof stations)[number] | null;
  /** What shows it: the state of the cluster, packets that come to it, or a flow that works. */
  readonly shownBy: 'state' | 'packets' | 'working-flow';
  /** Causes that nothing shows while it is broken: what leads the packet elsewhere hides what is on the usual way. */
  readonly hides: readonly string[];
  /** Causes of the cluster or of node-a: a diagnosis of any pod of node-a names them, of one that does not run, too. */
  readonly ofAnyPod: readonly string[];
}

interface Variant {
  readonly parameters: Parameters;
  readonly encaps: readonly Encap[];
  readonly expects: Expectation;
  readonly beside: Beside | null;
}

/** What a lab must have for a fault to be possible in it. */
export type LabKind = Pick<Topology, 'encap' | 'datastore' | 'typha'> & Partial<Pick<Topology, 'era'>>;

/** A fault as data. `break` and `heal` are exact inverses. */
export type Fault = {
  /** Also the name of its file. */
  name: string;
  summary: string;
  /** Parameters of `break`, with their meaning. */
  parameters: Parameters;
  /** Other faults that it is made of: they are broken in this order, and can be healed one by one. */
  parts: readonly string[];
  /** The same in a lab of another kind, where the parts are others. */
  partsWith: Partial<Readonly<Record<Encap, readonly string[]>>>;
  /** Where the API server is the datastore: the part that takes the place of one that needs etcd. */
  partsInKubernetes: Readonly<Record<string, string>>;
  /** In Calico 2.x: the part that takes the place of one. */
  partsInEra2: Readonly<Record<string, string>>;
  /** Between nodes of which labs it can be: what it breaks is there. */
  encaps: readonly Encap[];
  /** In labs with which datastores it can be. */
  datastores: readonly LabDatastore[];
  /** In which versions of Calico it can be. */
  eras: readonly Era[];
  /** Only where Felix learns of changes from a Typha. */
  needsTypha: boolean;
  /** Without parameters. */
  expects: Expectation;
  /** Without parameters, where a Typha reads the datastore for Felix; null: the same. */
  expectsWithTypha: Expectation | null;
  /** With parameters, where that changes what must hold. */
  variants: readonly Variant[];
  /** null: it is broken alone. */
  beside: Beside | null;
  break: (topology: Topology, parameters: Parameters) => readonly Step[];
  heal: (topology: Topology, parameters: Parameters) => readonly Step[];
};

type Sketch<Whole, Needed extends keyof Whole> = Pick<Whole, Needed> & Partial<Whole>;
type JudgementSketch = Sketch<Judgement, 'verdict'>;
type ExpectationSketch = Omit<Sketch<Expectation, 'verdict' | 'answers' | 'silent'>, 'others'> & {
  others?: readonly JudgementSketch[];
};
type FaultSketch = Omit<Sketch<Fault, 'name' | 'summary'>, 'expects' | 'expectsWithTypha' | 'variants' | 'beside'> & {
  expects: ExpectationSketch;
  expectsWithTypha?: ExpectationSketch;
  variants?: readonly (Omit<Sketch<Variant, 'parameters'>, 'expects' | 'beside'> & {
    expects: ExpectationSketch;
    /** Where it is not as without parameters. */
    beside?: Partial<Beside>;
  })[];
  beside?: Sketch<Beside, 'takes' | 'endsAt'>;
};

/** A fault of the lab. What is not given is empty, and the diagnosis is that of default/mypod. */
export function defineFault({ expects, expectsWithTypha, variants = [], beside, ...fault }: FaultSketch): Fault {
  const usual: Beside | null = beside ? { needs: [], shownBy: 'state', hides: [], ofAnyPod: [], ...beside } : null;
  return {
    parameters: {},
    parts: [],
    partsWith: {},
    partsInKubernetes: {},
    partsInEra2: {},
    encaps,
    datastores,
    eras: ['3'],
    needsTypha: false,
    break: () => [],
    heal: () => [],
    ...fault,
    expects: expectation(expects),
    expectsWithTypha: expectsWithTypha ? expectation(expectsWithTypha) : null,
    variants: variants.map((one) => ({
      encaps: fault.encaps ?? encaps,
      ...one,
      expects: expectation(one.expects),
      beside: usual && { ...usual, ...one.beside },
    })),
    beside: usual,
  };
}

const judgement = (sketch: JudgementSketch): Judgement => ({
  asks: ['default/mypod'],
  roots: [],
  consequences: [],
  latent: [],
  ...sketch,
});

function expectation({ answers, silent, others = [], ...rest }: ExpectationSketch): Expectation {
  return { ...judgement(rest), answers, silent, others: others.map(judgement) };
}

/** The ids of every rule that a diagnosis of this fault must name, with whatever parameters. */
export function causesOf({ expects, expectsWithTypha, variants }: Fault): readonly string[] {
  const told = [expects, ...(expectsWithTypha ? [expectsWithTypha] : []), ...variants.map((one) => one.expects)];
  const judgements = told.flatMap((one) => [one, ...one.others]);
  return [...new Set(judgements.flatMap(({ roots, consequences, latent }) => [...roots, ...consequences, ...latent]))];
}
