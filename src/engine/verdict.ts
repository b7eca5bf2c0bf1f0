/** From findings to a verdict: roots, consequences, latent findings and blind spots. */
import type { AddressFamily } from '../model/addresses.ts';
import type { DatastoreKind } from '../model/datastore-kind.ts';
import type { FactKey } from '../model/facts.ts';
import type { FlowState } from '../model/flow-state.ts';
import { steps } from '../model/steps.ts';
import type { BlindSpot, Verdict } from '../model/verdict.ts';
import type { MissedLook } from './gather.ts';
import { findingsOf, type Evaluation } from './evaluate.ts';
import { explain, rootOf, type Explained, type JudgedFinding } from './explain.ts';
import { toFinding } from './finding.ts';
import { rulesOut } from './ruled-out.ts';
import type { Passage } from '../model/passage.ts';

export interface VerdictInput {
  readonly evaluations: readonly Evaluation[];
  readonly missed: readonly MissedLook[];
  /** Essential facts that are missing, also those that no rule asked for. Absent: none. */
  readonly missedEssentials?: readonly FactKey[];
  /** The outcome on every port that was asked about. */
  readonly flow: FlowState;
  /** The outcome on the judged port alone: most findings are about it. Absent: no other port was asked about. */
  readonly judgedPort?: FlowState;
  /** The target's place is from an earlier run: the nodes may describe a pod that is gone. */
  readonly fromMemory?: boolean;
  /** How far the judged packets came. Absent or null: not known. */
  readonly passage?: Passage | null;
  /** Where Calico keeps its objects. Absent: not known. */
  readonly datastoreKind?: DatastoreKind;
  /** Of the judged packets. Absent: IPv4. */
  readonly family?: AddressFamily;
}
export type Judgement = Pick<
  Verdict,
  'verdict' | 'roots' | 'consequences' | 'latent' | 'blindSpots' | 'ruledOut' | 'notFound'
>;

export function judge(input: VerdictInput): Judgement {
  const judged = input.evaluations.flatMap((evaluation) =>
    findingsOf(evaluation).map((finding) => ({ rule: evaluation.rule, finding })),
  );
  const explained = explain(inOrderOfSteps(judged));
  const consequences = explained.filter((finding) => finding.cause !== null);
  const causes = explained.filter((finding) => finding.cause === null);
  const { flow, judgedPort = flow } = input;
  const stopsItself = ({ finding }: Explained) =>
    finding.stopsFlow &&
    (finding.ofOldConnection || (finding.onOtherPort || finding.ofLargePackets ? flow : judgedPort) !== 'works');
  const stops = (finding: Explained) =>
    stopsItself(finding) || consequences.some((effect) => stopsItself(effect) && rootOf(effect, explained) === finding);
  const roots = causes.filter(stops);
  const latent = causes.filter((finding) => !stops(finding));
  const ids = new Map(
    [...roots, ...consequences, ...latent].map(({ finding }, at) => [finding, `f${at + 1}`] as const),
  );
  const idOf = ({ finding }: JudgedFinding) => ids.get(finding) ?? '';
  const numbered = (finding: Explained) => ({
    id: idOf(finding),
    ...toFinding(finding, input.datastoreKind, input.family),
  });
  const passed = input.evaluations.flatMap(({ rule, outcome }) =>
    outcome.outcome === 'pass'
      ? [{ rule: rule.id, by: outcome.by, proves: rulesOut(rule, input.passage ?? null, judgedPort === 'works') }]
      : [],
  );
  const blindSpots = blindSpotsOf(input.missed, input.evaluations);
  return {
    verdict: verdictOf(input, judged.length),
    roots: roots.map(numbered),
    consequences: consequences.flatMap((effect) =>
      effect.cause ? [{ ...numbered(effect), because: { id: idOf(effect.cause), rule: effect.cause.rule.id } }] : [],
    ),
    latent: latent.map(numbered),
    blindSpots,
    ruledOut: passed.filter(({ proves }) => proves).map(({ rule, by }) => ({ rule, by })),
    notFound: passed.filter(({ proves }) => !proves).map(({ rule, by }) => ({ rule, by })),
  };
}

/** Sorts findings as a packet meets their steps, then as rules are registered: every replay has the same order. */
function inOrderOfSteps(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return findings.toSorted((a, b) => stepOf(a) - stepOf(b));
}

function stepOf({ rule }: JudgedFinding): number {
  return steps.findIndex(({ id }) => id === rule.step);
}

/**
 * Unknown is never healthy. `healthy` needs a flow that was seen to work, every essential fact, and a rule that passed.
 */
function verdictOf(input: VerdictInput, findings: number): Verdict['verdict'] {
  if (input.fromMemory) return 'inconclusive';
  if (findings > 0) return 'fault';
  const outcomes = input.evaluations.map(({ outcome }) => outcome.outcome);
  if ((input.missedEssentials ?? []).length > 0) return 'inconclusive';
  if (outcomes.includes('errored') || !outcomes.includes('pass')) return 'inconclusive';
  return input.flow === 'works' ? 'healthy' : 'inconclusive';
}

function blindSpotsOf(missed: readonly MissedLook[], evaluations: readonly Evaluation[]): readonly BlindSpot[] {
  const spots: BlindSpot[] = [];
  for (const miss of missed) {
    const affects = evaluations
      .filter(
        ({ rule, outcome }) =>
          outcome.outcome === 'inconclusive' &&
          rule.requires.some((key) => key === miss.key || miss.behind.includes(key)),
      )
      .map(({ rule }) => rule.id);
    const at = spots.findIndex((spot) => isSame(spot, miss));
    const before = spots[at];
    spots.splice(before ? at : spots.length, before ? 1 : 0, {
      probe: miss.probe,
      node: before?.node ?? miss.node,
      code: miss.fact.code,
      reason: miss.fact.reason,
      affects: [...new Set([...(before?.affects ?? []), ...affects])],
    });
  }
  return spots;
}

/** Is it the same blind spot? A fact of the cluster and one of a node can be missing for one reason. */
function isSame({ probe, node, code, reason }: BlindSpot, { fact, ...miss }: MissedLook): boolean {
  return (
    probe === miss.probe &&
    code === fact.code &&
    reason === fact.reason &&
    (node === miss.node || node === null || miss.node === null)
  );
}
