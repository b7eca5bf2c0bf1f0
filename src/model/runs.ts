/** A run is an append-only list of events; the thread, the report and the metrics follow from it. */
import type { PlanRecord } from './fix.ts';
import type { Target } from './target.ts';
import type { FoundFinding, SettledStep, Verdict } from './verdict.ts';

export type RunEvent = { readonly at: string } & RunEventBody;
export type RunEventBody =
  | { readonly type: 'started'; readonly target: Target; readonly requester: string; readonly origin: RunOrigin }
  | { readonly type: 'step-settled'; readonly step: SettledStep }
  | { readonly type: 'finding'; readonly finding: FoundFinding }
  /** What was found, told once. Its plans follow as events of their own: `withPlans` joins the two. */
  | { readonly type: 'verdict'; readonly verdict: Verdict }
  /**
   * A plan as it is now; the plan names its finding. `seal` (`told`) is over record and note: what a card shows is what
   * this program said.
   */
  | { readonly type: 'plan'; readonly record: PlanRecord; readonly note: string | null; readonly seal?: string | null }
  /** No button can be offered for this finding of the verdict. `advice`: commands that help instead. */
  | { readonly type: 'no-plan'; readonly finding: string; readonly why: string; readonly advice: readonly string[] }
  /**
   * A person who may not decide asks those who may. `approvers`: as they are configured. `seal` (`wanted`) is over all
   * of it and the run: only this program calls people.
   */
  | {
      readonly type: 'approval-wanted';
      readonly plan: string;
      readonly by: string;
      readonly approvers: readonly string[];
      readonly seal?: string | null;
    }
  /** The worker cannot read a plan that was approved: nothing was done. `seal` (`unread`) is over it and the run. */
  | {
      readonly type: 'plan-unread';
      readonly plan: string;
      readonly action: 'apply' | 'rollback';
      readonly seal?: string | null;
    }
  | { readonly type: 'follow-up'; readonly minutes: number; readonly verdict: Verdict; readonly changed: string | null }
  | { readonly type: 'alert'; readonly alert: RunAlert; readonly status: 'firing' | 'resolved' }
  /** What a person said to an alert. `until`: the end of a snooze. */
  | {
      readonly type: 'attention';
      readonly what: (typeof attentionWords)[number];
      readonly by: string;
      readonly until: string | null;
    }
  /** The people on call were mentioned, once a run. */
  | { readonly type: 'called'; readonly people: readonly string[]; readonly minutes: number }
  /** Of a run that began a storm: another run whose alert came then, as it is now. The last word on a run counts. */
  | { readonly type: 'victim'; readonly victim: StormVictim }
  /** Of a run that was held: where it is told. */
  | { readonly type: 'placed'; readonly where: HeldPlace }
  | { readonly type: 'cancelled'; readonly by: string }
  | { readonly type: 'failed'; readonly code: string; readonly message: string; readonly next: string };

export const attentionWords = ['acknowledged', 'snoozed', 'muted', 'unmuted'] as const;

export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

declare const cleaned: unique symbol;
/** Marks what `withoutSecrets` returned. Nothing else makes it. */
export interface Cleaned {
  readonly [cleaned]: true;
}
/** An event without secrets: the only one that a store takes and a thread shows. */
export type CleanEvent = RunEvent & Cleaned;
export type CleanEventOf<T extends RunEvent['type']> = RunEventOf<T> & Cleaned;

/** Where a run came from, and where it is told. `thread`: the ts of a parent message that is there already. */
export interface RunOrigin {
  readonly kind: 'command' | 'alert' | 'cli' | 'recheck';
  readonly channel: string | null;
  readonly thread: string | null;
  /** The run whose thread this one joins. */
  readonly joins: string | null;
  /**
   * Given: nothing is told until the verdict says where, because the alert of `joins` is open: an alert of the same
   * group, or of the same channel.
   */
  readonly held?: 'group' | 'channel' | undefined;
}

/**
 * `storm`: it is a line of the run that it was held for. `thread`: in the thread of that run. `channel`: in a thread of
 * its own.
 */
export type HeldPlace = 'storm' | 'thread' | 'channel';

export interface RunAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly summary: string;
  readonly startsAt: string;
  readonly severity: string | null;
  /** Addresses (http or https) that the alert gives. */
  readonly runbook: string | null;
  readonly graph: string | null;
}

/**
 * `waiting`: not diagnosed yet. `fault`, `reachable`, `unclear`, `failed`: what its diagnosis said. `other`: it is told
 * on its own. `resolved`: its alerts are. `undiagnosed`: over the limit.
 */
export const victimStates = [
  'waiting',
  'fault',
  'other',
  'reachable',
  'unclear',
  'failed',
  'resolved',
  'undiagnosed',
] as const;

export interface StormVictim {
  readonly run: string;
  /** As people write a target. */
  readonly target: string;
  readonly alert: string;
  /** Titles of its causes, for the list; null: it has none, or they are not known yet. */
  readonly cause: string | null;
  readonly state: (typeof victimStates)[number];
}

/** The store could not be asked, or refused. */
export class StoreUnreachable extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'StoreUnreachable';
  }
}

/**
 * Takes the secrets out of an event of a run, stores it, and asks for its thread to follow.
 * @throws StoreUnreachable: nothing is told before it is stored
 */
export type TellRun = (run: string, body: RunEventBody) => Promise<void>;

/**
 * Runs, plans and what was posted, in one store. Appends are atomic; changes of state act once.
 * @throws StoreUnreachable from every method
 */
export interface RunStore {
  append(run: string, event: CleanEvent): Promise<number>;
  /** What stands for the last event of a run, while that is not told; null: all is told. */
  untoldMark(run: string): Promise<string | null>;
  /** All events up to this mark are told; a later one stays untold. */
  markTold(run: string, mark: string): Promise<void>;
  /** Runs whose last event is not told and is older than this, the newest first. `sinceMs`: how old it is. */
  untold(olderThanMs: number, most: number): Promise<readonly { readonly run: string; readonly sinceMs: number }[]>;
  /** The events in order, without those that this version does not know or cannot read. */
  events(run: string): Promise<readonly CleanEvent[]>;
  savePlan(record: PlanRecord): Promise<void>;
  /** null: unknown, or not of a form that this version reads. */
  plan(id: string): Promise<PlanRecord | null>;
  /** Without those that are not of a form that this version reads. */
  plans(): Promise<readonly PlanRecord[]>;
  /** Ids of the runs that started last, the newest first. */
  runs(most: number): Promise<readonly string[]>;
  /** Changes a plan's state only from one of `from`; null when it was in another state (somebody else acted). */
  transition(
    id: string,
    from: readonly PlanRecord['state'][],
    change: Partial<Omit<PlanRecord, 'plan'>> & { readonly state: PlanRecord['state'] },
  ): Promise<PlanRecord | null>;
  /** True once for a key within its life: delivery is at least once, acting is once. */
  once(key: string, seconds: number): Promise<boolean>;
  /**
   * Takes a token from the bucket of a key, atomically. It holds `holds` tokens at first, and gets one every `everyMs`.
   * @returns 0, or the milliseconds until there is one.
   */
  takeToken(key: string, bucket: { readonly holds: number; readonly everyMs: number }): Promise<number>;
  /** Small values that survive a process: message timestamps, alert threads. */
  remember(key: string, value: string, seconds: number): Promise<void>;
  recall(key: string): Promise<string | null>;
  /** @param only the value that is forgotten; any, if not given @returns false where there is another, or none */
  forget(key: string, only?: string): Promise<boolean>;
  /**
   * Keeps the first value of a key, atomically. `gone`: a kept value that gives way to this one.
   * @returns the value that is kept now
   */
  keepFirst(key: string, value: string, seconds: number, gone?: string): Promise<string>;
  close(): Promise<void>;
}
