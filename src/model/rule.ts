import type { Evidence } from './evidence.ts';
import type { FixId, FixInputs } from './fix-inputs.ts';
import type { FactKey, FactRecord, FactValues } from './facts.ts';
import type { Resource, ResourceKind, Withheld } from './resource.ts';
import type { StepId } from './steps.ts';

/**
 * A rule judges: a pure function from facts to an outcome. Facts named in `requires` arrive as values (if one is
 * unavailable the rule is inconclusive, or not applicable where the fact is); facts in `considers` arrive as they are.
 */
export interface Rule<
  R extends FactKey = FactKey,
  O extends FactKey = FactKey,
  M extends string = string,
  F extends FixId = FixId,
> {
  /** The cause: also the file's name. */
  readonly id: string;
  readonly description: string;
  readonly step: StepId;
  readonly requires: readonly R[];
  readonly considers?: readonly O[];
  /** It judges the pod alone, and the asked client, which must run as well, in the same way. */
  readonly ofClientToo?: true;
  /** Kinds of what its findings may lack: the rules that withhold them can be its cause. */
  readonly lacks?: readonly ResourceKind[];
  /** Kinds of what its findings may take away from others. */
  readonly withholds?: readonly ResourceKind[];
  /** Who else has what its findings name: all pods of their node, or those of both nodes of the flow. */
  readonly sharedBy?: 'node' | 'both-nodes';
  /** The fix that a button may offer: its findings say with which input. */
  readonly fix?: F;
  /** Kinds among `lacks` on which the fix rests, too: a finding whose cause withholds one of them has no button. */
  readonly fixNeeds?: readonly ResourceKind[];
  /** What no button can do, and who must. Commands may hold `{placeholders}` of the finding's data. */
  readonly advice?: Advice;
  /** Why a button may not do what the advice says: sentences for the page of the cause. Without a `fix` only. */
  readonly adviceOnly?: string;
  /** Every sentence it can say. `{placeholders}` are filled from a finding's data. */
  readonly messages: Readonly<Record<M, Message>>;
  /** @param evidence what the named facts rest on */
  judge(
    facts: FactValues<R>,
    considered: FactRecord<O>,
    evidence: (key: R | O) => readonly Evidence[],
  ): Outcome<M, FixInputs[F]>;
}

export interface Message {
  readonly title: string;
  readonly detail: string;
}
export interface Advice {
  readonly who: string;
  readonly commands: readonly string[];
}

export type Outcome<M extends string = string, I = FixInputs[FixId]> =
  | { readonly outcome: 'fail'; readonly findings: readonly RawFinding<M, I>[] }
  | { readonly outcome: 'pass'; readonly by: string }
  | { readonly outcome: 'not-applicable'; readonly why: string }
  | { readonly outcome: 'inconclusive'; readonly why: string };

/** @typeParam I the input of the rule's fix */
export interface RawFinding<M extends string = string, I = never> {
  readonly message: M;
  readonly data: Readonly<Record<string, string>>;
  readonly subject: Subject;
  readonly node: string | null;
  readonly proof: Proof;
  readonly evidence: readonly Evidence[];
  /** Not a fault, whatever the flow does: it is told beside the verdict. */
  readonly isStatement?: boolean;
  /** It stops the asked flow by itself, now. (What only explains another finding is `false`.) */
  readonly stopsFlow: boolean;
  /**
   * It is of another declared port than the judged one, or of the Service before the pod, so that a judged packet that
   * gets through says nothing of it.
   */
  readonly onOtherPort?: boolean;
  /** It stops packets above a size, so that a judged packet that gets through, which is small, says nothing of it. */
  readonly ofLargePackets?: boolean;
  /** It is of connections that began before, so that a test packet, which begins a new one, says nothing of it. */
  readonly ofOldConnection?: boolean;
  /**
   * What it lacks, the nearest first: a finding that withholds one of these is its cause. Of the rule's declared kinds.
   */
  readonly lacks?: readonly Resource[];
  /** What it takes away from others. Of the rule's declared kinds. */
  readonly withholds?: readonly Withheld[];
  /** What the rule's fix is asked with. */
  readonly fixInput?: I;
  /** Advice for this very finding, before the rule's own. */
  readonly advice?: Advice;
  /** The button would be unsafe here: why; the advice stays. */
  readonly noFix?: string;
}

/** A finding of any rule. */
export type AnyFinding = RawFinding<string, FixInputs[FixId]>;

export type Proof = 'counter' | 'capture' | 'read' | 'inferred';

export interface Subject {
  readonly kind:
    | 'Pod'
    | 'Service'
    | 'Node'
    | 'NodePair'
    | 'Interface'
    | 'Profile'
    | 'Policy'
    | 'Rule'
    | 'Route'
    | 'ServiceAccount'
    | 'Controller'
    | 'Datastore'
    | 'Pool';
  readonly name: string;
}

/** `KIND NAME`, as plans name what they are for. */
export function subjectName({ kind, name }: Subject): string {
  return `${kind} ${name}`;
}

export function defineRule<
  const R extends FactKey,
  const M extends string,
  const O extends FactKey = never,
  const F extends FixId = never,
>(rule: Rule<R, O, M, F>): Rule {
  return rule;
}
/** Returns the facts that a rule can do without. */
export function consideredBy({ considers = [], requires, ofClientToo }: Rule): readonly FactKey[] {
  if (!ofClientToo) return considers;
  return [...considers, 'client-pod', ...(requires.includes('pod-events') ? (['client-events'] as const) : [])];
}

export function pass(by: string): Outcome<never, never> {
  return { outcome: 'pass', by };
}
export function notApplicable(why: string): Outcome<never, never> {
  return { outcome: 'not-applicable', why };
}
export function inconclusive(why: string): Outcome<never, never> {
  return { outcome: 'inconclusive', why };
}
export function fail<M extends string, I = never>(...findings: readonly RawFinding<M, I>[]): Outcome<M, I> {
  return { outcome: 'fail', findings };
}
