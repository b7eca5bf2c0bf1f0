/** The verdict of a run, as `--json` prints it (schema calico-chatops/verdict/v1). Absent values are null. */
import type { Evidence } from './evidence.ts';
import type { AnsweredPart, FlowState } from './flow-state.ts';
import type { FixInput } from './fix-inputs.ts';
import type { Direction } from './passage.ts';
import type { Proof, Subject, Advice } from './rule.ts';
import type { ClusterSetup } from './setup.ts';

export interface Verdict {
  readonly schema: 'calico-chatops/verdict/v1';
  readonly run: string;
  readonly cluster: string;
  readonly verdict: 'fault' | 'healthy' | 'inconclusive';
  /** Of the asked flow, on every port that was asked about. */
  readonly flow: FlowState;
  /** What of the asked flow answers, where not all of it does. null or absent: all of it, or nothing. */
  readonly answeredPart?: AnsweredPart | null;
  readonly target: VerdictTarget;
  readonly roots: readonly Finding[];
  readonly consequences: readonly Consequence[];
  readonly latent: readonly Finding[];
  readonly blindSpots: readonly BlindSpot[];
  /** Causes that the evidence rules out for this packet on its way. */
  readonly ruledOut: readonly PassedRule[];
  /** Causes that their checks did not find, although nothing shows that the packet passed the place. */
  readonly notFound: readonly PassedRule[];
  readonly steps: readonly SettledStep[];
  readonly path: readonly PathHop[];
  /** Where the flow stops; null: it works, or nothing shows where it stops. */
  readonly stop: FlowStop | null;
  /** The kind of Calico; null: nothing was read of it. */
  readonly setup: ClusterSetup | null;
  readonly notes: readonly string[];
  readonly timings: { readonly totalMs: number; readonly firstFindingMs: number | null };
}

interface VerdictTarget {
  /** The judged one, as `namespace/name`; what was named, where no pod stands behind it. */
  readonly pod: string;
  /** What was named, such as `svc:NS/NAME`; null or not given: the pod itself. */
  readonly asked?: string | null;
  readonly address: string | null;
  readonly node: string | null;
  /** `pod:NS/NAME`, `node:NAME`, `outside:ADDRESS`; null where none could be chosen. */
  readonly from: string | null;
  /** Where the pod sends: `node:NAME`, `outside:ADDRESS` or `api`; null or not given: the flow goes to the pod. */
  readonly to?: string | null;
  /** `8080/tcp` or `icmp`. */
  readonly port: string | null;
}

/** A finding in words, before the verdict has numbered it. */
export interface FoundFinding {
  readonly rule: string;
  readonly node: string | null;
  readonly subject: Subject;
  readonly title: string;
  readonly detail: string;
  readonly proof: Proof;
  readonly evidence: readonly Evidence[];
  readonly fix: OfferedFix | null;
  readonly advice: Advice | null;
}
export interface Finding extends FoundFinding {
  /** `f1`, `f2` …: in the order of roots, consequences and latent findings of its verdict. */
  readonly id: string;
}
export interface Consequence extends Finding {
  /** The finding that explains it. */
  readonly because: { readonly id: string; readonly rule: string };
}
/** `plan` is null in a run's events, where the plan names its finding, and where there is no plan yet. */
export interface OfferedFix {
  readonly id: string;
  readonly plan: string | null;
  readonly input: FixInput;
}

export interface BlindSpot {
  readonly probe: string;
  readonly node: string | null;
  readonly code: string;
  readonly reason: string;
  /** Rules that it left without an answer. */
  readonly affects: readonly string[];
}

export type StepStatus = 'pass' | 'fail' | 'inconclusive' | 'skipped';
export interface SettledStep {
  readonly id: string;
  readonly title: string;
  readonly status: StepStatus;
  readonly startedAt: string;
  readonly durationMs: number;
  /** One line that says what was found. */
  readonly summary: string;
}
export interface PassedRule {
  readonly rule: string;
  readonly by: string;
}
/** The request's way to the pod, then the way of the reply back. */
export interface PathHop {
  readonly hop: number;
  readonly direction: Direction;
  readonly place: string;
  readonly node: string | null;
  readonly interface: string | null;
  /** `lost`: the first hop at which it is missing. */
  readonly status: 'seen' | 'lost' | 'not-looked';
  /** Why nothing can be said of this hop; null where something can. */
  readonly why: string | null;
  /** Addresses of the packet that carried it, `SOURCE > DESTINATION`; null: it travelled as it is, or was not seen. */
  readonly outer: string | null;
}
/** Between which two places the packet, or its reply, is lost. */
export interface FlowStop {
  /** null: captures do not show which of the two is lost. */
  readonly direction: Direction | null;
  /** One or two sentences for people. */
  readonly summary: string;
  readonly lastSeen: StopPlace;
  readonly missing: StopPlace;
  /** What was checked between the two places, and did not explain the loss. */
  readonly checked: readonly string[];
  readonly notChecked: readonly NotChecked[];
}
export interface StopPlace {
  readonly place: string;
  readonly node: string | null;
  readonly interface: string | null;
}
/** What a person can check there. */
export interface NotChecked {
  readonly what: string;
  readonly node: string | null;
  /** null: there is no such check yet. */
  readonly why: string | null;
  readonly command: string;
}

/**
 * What was not checked where the flow stops, each with its reason where a check was tried, and its node where there are
 * several.
 */
export function notCheckedWords({ notChecked }: FlowStop): readonly string[] {
  const several = new Set(notChecked.map(({ node }) => node)).size > 1;
  return notChecked.map(
    ({ what, node, why }) => `${what}${several && node ? ` on ${node}` : ''}${why ? ` (${shortened(why)})` : ''}`,
  );
}

/** The document has the whole reason. */
function shortened(why: string): string {
  return why.length <= longestReason ? why : `${why.slice(0, longestReason).toWellFormed()}…`;
}
const longestReason = 60;
