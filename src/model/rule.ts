import type { Evidence } from './evidence.ts';
import type { FactKey, FactRecord, FactValues } from './facts.ts';
import type { Resource, ResourceKind, Withheld } from './resource.ts';
import type { StepId } from './steps.ts';

/**
 * A rule judges: a pure function from facts to an outcome. Facts named in `requires` arrive as values (if one is
 * unavailable the rule is inconclusive, or not applicable where the fact is); facts in `considers` arrive as they are.
 */
export interface Rule<R extends FactKey = FactKey, O extends FactKey = FactKey, M extends string = string> {
  /** The cause: also the file's name. */
  readonly id: string;
  readonly description: string;
  readonly step: StepId;
  readonly requires: readonly R[];
  readonly considers?: readonly O[];
  /** Kinds of what its findings may lack: the rules that withhold them can be its cause. */
  readonly lacks?: readonly ResourceKind[];
  /** Kinds of what its findings may take away from others. */
  readonly withholds?: readonly ResourceKind[];
  /** The fix that a button may offer. */
  readonly fix?: string;
  /** What no button can do, and who must. Commands may hold `{placeholders}` of the finding's data. */
  readonly advice?: Advice;
  /** Every sentence it can say. `{placeholders}` are filled from a finding's data. */
  readonly messages: Readonly<Record<M, Message>>;
  /** @param evidence what the named facts rest on */
  judge(facts: FactValues<R>, considered: FactRecord<O>, evidence: (key: R | O) => readonly Evidence[]): Outcome<M>;
}

export interface Message {
  readonly title: string;
  readonly detail: string;
}
export interface Advice {
  readonly who: string;
  readonly commands: readonly string[];
}

export type Outcome<M extends string = string> =
  | { readonly outcome: 'fail'; readonly findings: readonly RawFinding<M>[] }
  | { readonly outcome: 'pass'; readonly by: string }
  | { readonly outcome: 'not-applicable'; readonly why: string }
  | { readonly outcome: 'inconclusive'; readonly why: string };

export interface RawFinding<M extends string = string> {
  readonly message: M;
  readonly data: Readonly<Record<string, string>>;
  readonly subject: Subject;
  readonly node: string | null;
  readonly proof: Proof;
  readonly evidence: readonly Evidence[];
  /** It stops the asked flow by itself, now. (What only explains another finding is `false`.) */
  readonly stopsFlow: boolean;
  /** It is of another declared port than the judged one, so that a judged packet that gets through says nothing of it. */
  readonly onOtherPort?: boolean;
  /** What it lacks, the nearest first: a finding that withholds one of these is its cause. Of the rule's declared kinds. */
  readonly lacks?: readonly Resource[];
  /** What it takes away from others. Of the rule's declared kinds. */
  readonly withholds?: readonly Withheld[];
  /** Facts for the fix's plan (object names, the account …). */
  readonly fixInput?: Readonly<Record<string, string>>;
  /** Advice for this very finding, before the rule's own. */
  readonly advice?: Advice;
  /** The button would be unsafe here: why; the advice stays. */
  readonly noFix?: string;
}

export type Proof = 'counter' | 'capture' | 'read' | 'inferred';

export interface Subject {
  readonly kind: 'Pod' | 'Node' | 'NodePair' | 'Interface' | 'Profile' | 'Policy' | 'Rule' | 'Route' | 'ServiceAccount' | 'Controller' | 'Datastore' | 'Pool';
  readonly name: string;
}

/** `KIND NAME`, as plans name what they are for. */
export function subjectName({ kind, name }: Subject): string {
  return `${kind} ${name}`;
}

export function defineRule<const R extends FactKey, const M extends string, const O extends FactKey = never>(rule: Rule<R, O, M>): Rule {
  return rule;
}
export function pass(by: string): Outcome<never> {
  return { outcome: 'pass', by };
}
export function notApplicable(why: string): Outcome<never> {
  return { outcome: 'not-applicable', why };
}
export function inconclusive(why: string): Outcome<never> {
  return { outcome: 'inconclusive', why };
}
export function fail<M extends string>(...findings: readonly RawFinding<M>[]): Outcome<M> {
  return { outcome: 'fail', findings };
}
