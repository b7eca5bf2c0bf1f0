import type { ApiRead } from './api-reads.ts';
import type { SignedApproval } from './approval.ts';
import type { Evidence } from './evidence.ts';
import type { ControlFlowFact } from './facts.ts';
import type { ClusterReader, ClusterWriter, NodeAddress, NodeShells, Clock } from './ports.ts';
import type { Command } from './command.ts';
import type { Target } from './target.ts';

/** What a fix would do, as data. Its digest (SHA-256 over the canonical JSON) is what a person approves. */
export interface FixPlan {
  readonly id: string;
  readonly fix: string;
  readonly run: string;
  readonly cluster: string;
  /** The flow that was diagnosed: verify and controls try it again. */
  readonly target: Target;
  /** Id of the finding in the verdict of its run; absent: of a version that did not keep it. */
  readonly finding?: string | undefined;
  /** The finding it is for. */
  readonly rule: string;
  readonly subject: string;
  readonly title: string;
  /** Why this helps and what it does not do. */
  readonly reason: string;
  readonly steps: readonly PlanStep[];
  /** Unified diff of the object before and after. */
  readonly diff: string;
  readonly blastRadius: string;
  readonly risk: 'low' | 'medium' | 'high';
  readonly rollback: { readonly kind: 'exact' | 'best-effort' | 'none'; readonly description: string };
  /** Conditions that held when planned and must hold when applied. */
  readonly preconditions: readonly { readonly id: string; readonly description: string; readonly value: string }[];
  /** Healed: the rule no longer fails when its probes run again within this time. */
  readonly verify: { readonly rule: string; readonly withinSeconds: number };
  /** What is tried before and after it: where that got worse, it is taken back. */
  readonly controls: readonly Control[];
  readonly input: Readonly<Record<string, string>>;
  /** Nodes that it reads or writes through. */
  readonly nodes: readonly NodeAddress[];
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly digest: string;
}
/** Something that works (or is refused) before a fix and must still be so after it. */
export interface Control {
  /** `reachability`: the ways to the target itself. */
  readonly fact: 'reachability' | ControlFlowFact;
  /** In a few words, for who approves. */
  readonly watches: string;
}
export interface PlanStep {
  readonly description: string;
  /** The command or API request, for a person to read. */
  readonly command: string;
  readonly node: string | null;
}

export type PlanState = 'proposed' | 'approved' | 'applying' | 'verified' | 'rolled-back' | 'failed' | 'refused' | 'expired' | 'superseded' | 'rejected';

export interface PlanRecord {
  readonly plan: FixPlan;
  readonly state: PlanState;
  readonly requester: string;
  readonly approver: string | null;
  readonly reason: string | null;
  readonly updatedAt: string;
  /** What apply did that a rollback needs (uid and resourceVersion of what was created …). */
  readonly applied: Readonly<Record<string, string>> | null;
  /** Seal (`plan`) of plan and requester, made with the plan; null: of a version that made none. */
  readonly seal: string | null;
  /** What lets it be applied; null: nobody approved it. */
  readonly approval: SignedApproval | null;
  /** Seal (`applied`) of what was applied. */
  readonly appliedSeal: string | null;
}

/** What a fix may touch. */
export interface FixContext {
  readonly cluster: ClusterReader;
  readonly writer: ClusterWriter;
  readonly shells: NodeShells;
  readonly clock: Clock;
}

/** Either a plan's content, or why no button may be offered, with what a person could do instead. */
export type PlanResult =
  | { readonly ok: true; readonly draft: PlanDraft }
  | { readonly ok: false; readonly why: string; readonly advice: readonly string[] };
export type PlanDraft = Omit<FixPlan, 'id' | 'finding' | 'run' | 'cluster' | 'target' | 'rule' | 'createdAt' | 'expiresAt' | 'digest' | 'fix' | 'controls'>;

/** `superseded`: what it would do is already so. `refused`: a precondition no longer holds. */
export type ApplyResult =
  | { readonly outcome: 'applied'; readonly applied: Readonly<Record<string, string>>; readonly evidence: readonly Evidence[] }
  | { readonly outcome: 'superseded' | 'refused' | 'failed'; readonly why: string; readonly evidence: readonly Evidence[] };

/** A fix repairs: it plans, applies an approved plan, and rolls back what it applied. */
export interface Fix {
  /** Also the file's name, imperative. */
  readonly id: string;
  readonly description: string;
  readonly risk: 'low' | 'medium' | 'high';
  /** Reads of the Kubernetes API; any other throws. Not given: none. */
  readonly reads?: readonly ApiRead[];
  /** Rights to write (Kubernetes), for the generated manifest. */
  readonly permissions: readonly { readonly group: string; readonly resource: string; readonly verbs: readonly string[]; readonly names?: readonly string[] }[];
  /** Commands of `src/commands/` that it runs on nodes. */
  readonly commands: readonly Command[];
  /** What is tried before and after it (see Fixes in docs/architecture.md). */
  readonly controls: readonly Control[];
  plan(context: FixContext, request: FixRequest): Promise<PlanResult>;
  apply(context: FixContext, plan: FixPlan): Promise<ApplyResult>;
  rollback(context: FixContext, plan: FixPlan, applied: Readonly<Record<string, string>>): Promise<{ readonly ok: boolean; readonly why: string; readonly evidence: readonly Evidence[] }>;
}
export interface FixRequest {
  readonly rule: string;
  readonly input: Readonly<Record<string, string>>;
  readonly nodes: readonly NodeAddress[];
}
