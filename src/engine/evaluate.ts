/** Rules over gathered facts: each rule runs as soon as the facts that it names have settled. */
import type { Fact } from '../model/evidence.ts';
import { factWords } from '../model/fact-words.ts';
import type { FactKey } from '../model/facts.ts';
import type { Pod } from '../model/kubernetes.ts';
import { runsInPart } from '../model/pod-runs.ts';
import { resourceKey } from '../model/resource.ts';
import { consideredBy, type Outcome, type AnyFinding, type Rule } from '../model/rule.ts';
import type { Gathering } from './gather.ts';

export interface Evaluation {
  readonly rule: Rule;
  readonly outcome: Outcome | { readonly outcome: 'errored'; readonly why: string };
  /** Facts that the rule needed and that could not be gathered. */
  readonly missing: readonly FactKey[];
}

/** What is wrong. */
export function findingsOf(evaluation: Evaluation): readonly AnyFinding[] {
  return foundBy(evaluation).filter(({ isStatement }) => !isStatement);
}

/** What is no fault, and worth telling. */
export function statementsOf(evaluation: Evaluation): readonly AnyFinding[] {
  return foundBy(evaluation).filter(({ isStatement }) => isStatement);
}

function foundBy({ outcome }: Evaluation): readonly AnyFinding[] {
  return outcome.outcome === 'fail' ? outcome.findings : [];
}

/** Never rejects: a rule that throws is `errored` and says so. */
export async function evaluateRule(rule: Rule, gathering: Gathering): Promise<Evaluation> {
  const keys = [...rule.requires, ...consideredBy(rule)];
  const facts = new Map<FactKey, Fact<unknown>>();
  await Promise.all(keys.map(async (key) => facts.set(key, await gathering.fact(key))));
  try {
    const ofPod = judgedPod(rule, facts);
    const ofClient = judgedClient(rule, facts);
    const outcome = ofClient === null ? ofPod.outcome : together(ofPod.outcome, ofClient);
    checkResources(rule, outcome);
    return { rule, outcome, missing: outcome.outcome === 'fail' ? [] : ofPod.missing };
  } catch (error) {
    return {
      rule,
      outcome: { outcome: 'errored', why: error instanceof Error ? error.message : String(error) },
      missing: [],
    };
  }
}

type Gathered = ReadonlyMap<FactKey, Fact<unknown>>;

function judgedPod(rule: Rule, facts: Gathered): { readonly outcome: Outcome; readonly missing: readonly FactKey[] } {
  const missing: FactKey[] = [];
  for (const key of rule.requires) {
    const fact = facts.get(key);
    if (fact?.status !== 'unavailable') continue;
    if (fact.code === 'not-applicable')
      return { outcome: { outcome: 'not-applicable', why: fact.reason }, missing: [] };
    missing.push(key);
  }
  if (missing.length > 0) {
    const first = facts.get(missing[0] as FactKey);
    const reason = first?.status === 'unavailable' ? first.reason : '';
    return { outcome: { outcome: 'inconclusive', why: `not checked: ${factWords(missing)}: ${reason}` }, missing };
  }
  const values = Object.fromEntries(rule.requires.map((key) => [key, (facts.get(key) as { value: unknown }).value]));
  const considered = Object.fromEntries((rule.considers ?? []).map((key) => [key, facts.get(key)]));
  const outcome = rule.judge(values as never, considered as never, (key) => facts.get(key)?.evidence ?? []);
  return { outcome, missing };
}

/** What stands for the facts of the judged pod, where a rule judges the asked client. */
const ofClient: Readonly<Partial<Record<FactKey, FactKey>>> = { pod: 'client-pod', 'pod-events': 'client-events' };

/**
 * The same of the asked client. Whatever else is said of one that runs: it can send.
 * @returns null: no client is judged, or not all that the rule needs was read of it
 */
function judgedClient(rule: Rule, facts: Gathered): Outcome | null {
  if (!rule.ofClientToo) return null;
  const values = new Map<FactKey, unknown>();
  for (const key of rule.requires) {
    const fact = facts.get(ofClient[key] ?? key);
    if (fact?.status !== 'observed') return null;
    values.set(key, fact.value);
  }
  const evidence = (key: FactKey) => facts.get(ofClient[key] ?? key)?.evidence ?? [];
  const outcome = rule.judge(Object.fromEntries(values) as never, {} as never, evidence);
  if (outcome.outcome !== 'fail' || !runsInPart(values.get('pod') as Pod)) return outcome;
  return { ...outcome, findings: outcome.findings.map((one) => ({ ...one, stopsFlow: false })) };
}

/** What is found of either; else what is said of the first. */
function together(ofPod: Outcome, ofClient: Outcome): Outcome {
  if (ofClient.outcome !== 'fail') return ofPod;
  return { outcome: 'fail', findings: [...(ofPod.outcome === 'fail' ? ofPod.findings : []), ...ofClient.findings] };
}

/** @throws Error if a finding uses a kind that its rule does not declare: the rule's page would not show it. */
function checkResources({ lacks, withholds }: Rule, outcome: Outcome): void {
  if (outcome.outcome !== 'fail') return;
  for (const finding of outcome.findings) {
    const stray =
      finding.lacks?.find(({ kind }) => !lacks?.includes(kind)) ??
      finding.withholds?.find(({ kind }) => !withholds?.includes(kind));
    if (stray) throw new Error(`a finding names ${resourceKey(stray)}, and the rule declares no ${stray.kind}`);
  }
}
