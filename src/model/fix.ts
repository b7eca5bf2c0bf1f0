import type { ApiRead } from './api-reads.ts';
import type { SignedApproval } from './approval.ts';
import type { ControlFlowFact } from './control-flow.ts';
import type { FixId, FixInput, FixInputs } from './fix-inputs.ts';
import type { ClusterReader, ClusterWriter, NodeAddress, NodeShells, Clock } from './ports.ts';
import type { Subject } from './rule.ts';
import type { Command } from './command.ts';
import type { Target } from './target.ts';

/** What a fix would do, as data. Its digest (SHA-256 over the canonical JSON) is what a person approves. */
export interface FixPlan {
  readonly id: string;
  readonly fix: string;
  readonly run: string;
  readonly cluster: string;
  /** What no other cluster has; not given: of a version that did not ask. */
  readonly identity?: string | undefined;
  /** The flow that was diagnosed: verify and controls try it again. */
  readonly target: Target;
  /** The finding that it is for: its id in the run's verdict, its rule and its subject. */
  readonly finding: string;
  readonly rule: string;
  readonly subject: Subject;
  readonly title: string;
  /** Why this helps and what it does not do. */
  readonly reason: string;
  readonly steps: readonly PlanStep[];
  /** Unified diff of the object before and after. */
  readonly diff: string;
  readonly blastRadius: string;
  /** Not given: of a version that did not count. */
  readonly touches?: TouchedPods | undefined;
  /** Who applies again what belongs to the change; not given: nobody says so. */
  readonly owner?: string | undefined;
  /** Not given: of a version that did not say it. */
  readonly during?: WhileApplied | undefined;
  /** Two people must approve it; not given: one, unless the configuration now asks for two. */
  readonly approvals?: 2 | undefined;
  /** Who changed last what the plan is about; not given: what was read does not say it. */
  readonly changed?: LastChange | undefined;
  /** The API server accepted the very write in a dry run when the plan was made; not given: nothing was tried. */
  readonly rehearsed?: true | undefined;
  readonly risk: 'low' | 'medium' | 'high';
  readonly rollback: { readonly kind: 'exact' | 'best-effort' | 'none'; readonly description: string };
  /** Conditions that held when planned and must hold when applied. */
  readonly preconditions: readonly { readonly id: string; readonly description: string; readonly value: string }[];
  /** Verified: within this time the rule judges the subject again, and does not fail. */
  readonly verify: { readonly rule: string; readonly withinSeconds: number };
  /** What is checked before and after it: where that got worse, it is rolled back. */
  readonly controls: readonly Control[];
  readonly input: FixInput;
  /** Nodes that it reads or writes through. */
  readonly nodes: readonly NodeAddress[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly digest: string;
}
/** How long a fix takes, and what it does to traffic meanwhile. */
interface WhileApplied {
  /** Until what it writes is written, at most. */
  readonly seconds: number;
  /** Whether flows stop, in a few words that end a sentence. */
  readonly traffic: string;
}

/** The last change of an object, as the API server keeps it. */
export interface LastChange {
  /** Kind and name. */
  readonly object: string;
  /** The program that wrote it, as that named itself. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Pods whose traffic a fix changes. */
export interface TouchedPods {
  /** How many there were when the plan was made; null: none directly, or they could not be counted. */
  readonly pods: number | null;
  /** Which, or why they were not counted. */
  readonly of: string;
  /** The only namespace whose pods' traffic it changes; not given: others may be touched, too. */
  readonly namespace?: string | undefined;
}

/** Where the pods are that a fix touches. `none`: it changes no pod's traffic by itself. */
export type PodScope =
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'node'; readonly node: string }
  /** `namespace`: of a pod; not given: it may be any. */
  | { readonly kind: 'one'; readonly of: string; readonly namespace?: string }
  | { readonly kind: 'none'; readonly why: string };

/** Something that works (or is refused) before a fix and must still be so after it. */
export interface WatchedControl {
  /** `reachability`: the ways to the target itself. `objects`: what the fix itself names in `keeps`. */
  readonly fact: 'reachability' | 'objects' | ControlFlowFact;
  /** In a few words, for who approves. */
  readonly watches: string;
}

export interface Control extends WatchedControl {
  /** Why there was nothing to watch when the plan was made; null: there was. */
  readonly notWatched: string | null;
}
interface PlanStep {
  readonly description: string;
  /** The command or API request, for a person to read. */
  readonly command: string;
  readonly node: string | null;
}

/** The states in which a plan is over. */
export const endStates = ['verified', 'rolled-back', 'failed', 'refused', 'expired', 'superseded', 'rejected'] as const;
/** Every state of a plan. */
export const planStates = ['proposed', 'approved', 'applying', ...endStates] as const;
export type PlanState = (typeof planStates)[number];

export interface PlanRecord {
  readonly plan: FixPlan;
  readonly state: PlanState;
  readonly requester: string;
  readonly approver: string | null;
  readonly reason: string | null;
  readonly updatedAt: string;
  /** What apply did that a rollback needs (uid and resourceVersion of what was created …). */
  readonly applied: Applied | null;
  /** Seal (`plan`) of plan and requester, made with the plan; null: of a version that made none. */
  readonly seal: string | null;
  /** What lets it be applied; null: nobody approved it. */
  readonly approval: SignedApproval | null;
  /** Of a plan that two people must approve: the approval of the first one. */
  readonly first?: SignedApproval | null | undefined;
  /** Seal (`applied`) of what was applied. */
  readonly appliedSeal: string | null;
  /**
   * How often its state has changed: what is told late does not hide what came after it. Not part of the seal of what
   * is told. Not given: of a version that did not count.
   */
  readonly step?: number | undefined;
}

/** What a fix may touch. */
export interface FixContext {
  readonly cluster: ClusterReader;
  readonly writer: ClusterWriter;
  readonly shells: NodeShells;
  readonly clock: Clock;
  /** Where Calico may be installed; not given: where it is by default. */
  readonly calicoNamespaces?: readonly string[];
}

/** What a plan says that its fix alone knows. */
export interface FixDraft {
  readonly title: string;
  readonly reason: string;
  readonly steps: readonly PlanStep[];
  readonly diff: string;
  readonly blastRadius: string;
  /** Whose pods to count; not given: they are not counted. */
  readonly scope?: PodScope;
  readonly owner?: string;
  readonly changed?: LastChange;
  readonly risk: FixPlan['risk'];
  readonly rollback: FixPlan['rollback'];
  /** How long what it fixes needs to recover. */
  readonly withinSeconds: number;
  readonly nodes: readonly NodeAddress[];
}

/** A condition that held when it was read; its value is compared when the plan is applied. */
export type Condition = FixPlan['preconditions'][number];

/** What a fix found when it looked whether it may act. `done`: what it would do is already so. */
export type Readiness<Found> =
  | { readonly ready: 'yes'; readonly conditions: readonly Condition[]; readonly found: Found }
  | { readonly ready: 'no'; readonly why: string; readonly advice: readonly string[] }
  | { readonly ready: 'done'; readonly why: string };

/** What an undo needs of what was written (uid and resourceVersion of an object …). */
export type Applied = Readonly<Record<string, string>>;

/** `superseded`: what it would do is already so. `refused`: nothing was changed. `failed`: something may have been. */
export type Written =
  | { readonly outcome: 'applied'; readonly applied: Applied }
  | { readonly outcome: 'superseded' | 'refused' | 'failed'; readonly why: string };

export interface Undone {
  readonly ok: boolean;
  readonly why: string;
}

/** Objects that a fix must not cost. */
export interface KeptObjects<Input> {
  readonly watches: string;
  /** Why there are none to watch; null: there are. Pure. */
  notWatched(input: Input): string | null;
  /** Names those that are there. @throws LookError where they could not be read */
  names(context: FixContext, input: Input): Promise<readonly string[]>;
  /** Returns those of the gone ones that nobody but the fix can have cost. @throws as `names` */
  missed(context: FixContext, input: Input, gone: readonly string[]): Promise<readonly string[]>;
}

/**
 * A fix changes the cluster. Its parts are called in this order, and what lies between them is not its own: the plan is
 * stored and approved after `draft`, and right before `write` the fix looks again, and what it finds is compared with
 * the plan's conditions. A LookError in `look` says that the fix could not check whether it may act.
 */
export interface Fix<Input extends FixInput = FixInput, Found = unknown> {
  /** Imperative; also the name of its folder. */
  readonly id: string;
  readonly description: string;
  readonly risk: FixPlan['risk'];
  readonly during: WhileApplied;
  /** What a rule must give it. `parse` throws for anything else. */
  readonly input: { parse(value: unknown): Input };
  /** Reads of the Kubernetes API; any other throws. Not given: none. */
  readonly reads?: readonly ApiRead[];
  /**
   * Rights to write (Kubernetes), for the generated manifest. `resource`: with its subresource, as `deployments/scale`.
   * `namespace`: there alone; not given: in the whole cluster.
   */
  readonly permissions: readonly {
    readonly group: string;
    readonly resource: string;
    readonly verbs: readonly string[];
    readonly names?: readonly string[];
    readonly namespace?: string;
  }[];
  /** Commands of `src/commands/` that it runs on nodes. */
  readonly commands: readonly Command[];
  /** What is checked before and after it. */
  readonly controls: readonly WatchedControl[];
  /** For its control `objects`. */
  readonly keeps?: KeptObjects<Input>;
  /** Reads every condition, now. Whatever it writes throws; a dry run of the API server is no write. */
  look(context: FixContext, input: Input): Promise<Readiness<Found>>;
  /** Says what it would do. Pure. */
  draft(input: Input, found: Found): FixDraft;
  /** Does it, once. A worker that is killed before this returns leaves nobody who can roll back: wait in `settle`. */
  write(context: FixContext, input: Input, found: Found): Promise<Written>;
  /** Waits for what follows by itself, before the verify: what `write` applied is stored by then. Writes nothing. */
  settle?(context: FixContext, input: Input): Promise<void>;
  /** Takes back what `write` did, and leaves alone what somebody changed since. */
  undo(context: FixContext, input: Input, applied: Applied): Promise<Undone>;
}

/** Types a fix by its id, and forgets its types, so that fixes can stand in one list. */
export function defineFix<Id extends FixId, Found>(fix: Fix<FixInputs[Id], Found> & { readonly id: Id }): Fix {
  return fix;
}
