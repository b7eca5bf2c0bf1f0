/** Facts for tests of rules: gathered from a capture by the real probes, then one thing changed. */
import { observed, unavailable, type Fact, type UnavailableCode } from '../../src/model/evidence.ts';
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import type { Leg, PacketWalk } from '../../src/model/flow-walk.ts';
import type { Clock } from '../../src/model/ports.ts';
import { consideredBy, type AnyFinding, type Rule } from '../../src/model/rule.ts';
import type { Owner } from '../../src/model/ruleset/owner.ts';
import type { RuleRef } from '../../src/model/ruleset/walk.ts';
import type { Target } from '../../src/model/target.ts';
import { evaluateRule, findingsOf, type Evaluation } from '../../src/engine/evaluate.ts';
import { toFinding } from '../../src/engine/finding.ts';
import { startGathering } from '../../src/engine/gather.ts';
import type { ComputedFact } from '../../src/model/computed.ts';
import { computed } from '../../src/computed/registry.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from '../cases/capture-cluster.ts';
import { captureShells } from '../cases/capture-shells.ts';
import { readCapture } from '../cases/capture.ts';

export type Facts = { readonly [K in FactKey]?: Fact<FactValue<K>> };
type Changes = { readonly [K in FactKey]?: FactValue<K> };

const clock: Clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };
/** The flow that captures were taken of. */
export const capturedTarget: Target = {
  cluster: 'default',
  namespace: 'default',
  pod: 'mypod',
  from: { kind: 'pod', namespace: 'default', name: 'client' },
  port: null,
};
/** What follows from other facts at once: worked out anew from changed facts, never kept. */
const derivedIds: readonly string[] = [
  'tried-outcome',
  'flow-outcome',
  'denials',
  'passage',
  'pod-interface',
  'judged-ways',
  'twin-walks',
];
const derived = computed.filter(({ id }) => derivedIds.includes(id));
const named = [
  ...new Set<FactKey>([
    'rulesets@target',
    'rulesets@source',
    'routes@source',
    'links@source',
    'source-endpoint',
    ...[
      ...rules.map((rule) => [...rule.requires, ...consideredBy(rule)]),
      ...derived.map(({ needs, considers }) => [...needs, ...(considers ?? [])]),
    ].flat(),
  ]),
].filter((key) => !derivedIds.includes(key));

/** What this process has gathered already: tests change copies of facts, never the facts. */
const gathered = new Map<string, Promise<Facts>>();

/**
 * All that rules look at, as the probes read it from a capture. By default: may default/client ping default/mypod? The
 * answer is shared.
 */
export function captured(name: string, target: Partial<Target> = {}): Promise<Facts> {
  const key = JSON.stringify([name, target]);
  const facts = gathered.get(key) ?? gather(name, target);
  gathered.set(key, facts);
  return facts;
}

async function gather(name: string, target: Partial<Target>): Promise<Facts> {
  const capture = readCapture(name);
  const gathering = startGathering(
    { probes, computed, clock, cluster: captureCluster(capture), shells: captureShells(capture) },
    { ...capturedTarget, ...target },
    'r-test',
    new AbortController().signal,
  );
  const entries = await Promise.all(named.map(async (key) => [key, await gathering.fact(key)] as const));
  return Object.fromEntries(entries) as Facts;
}

/** The value of a fact that the capture must hold. */
export function valueOf<K extends FactKey>(facts: Facts, key: K): FactValue<K> {
  const fact: Fact<FactValue<K>> | undefined = facts[key];
  if (fact?.status !== 'observed') throw new Error(`${key} was not observed: ${fact?.reason ?? 'not gathered'}`);
  return fact.value;
}

/** The same facts, some with other values; their evidence stays. */
export function changed(facts: Facts, changes: Changes): Facts {
  const entries = Object.entries(changes).map(
    ([key, value]) => [key, observed(value, facts[key as FactKey]?.evidence ?? [])] as const,
  );
  return { ...facts, ...(Object.fromEntries(entries) as Facts) };
}

/** The same facts, some of them unknown. */
export function blind(facts: Facts, keys: readonly FactKey[], code: UnavailableCode = 'ssh-refused'): Facts {
  return {
    ...facts,
    ...(Object.fromEntries(keys.map((key) => [key, unavailable(code, `could not look (${code})`)])) as Facts),
  };
}

/** The walk of one leg, which must be there. */
export function leg(facts: Facts, wanted: Leg): PacketWalk {
  const walk = valueOf(facts, 'walks').find((one) => one.leg === wanted);
  if (!walk) throw new Error(`no walk of ${wanted}`);
  return walk;
}

/** The same facts with another walk of the same leg. */
export function withWalk(facts: Facts, walk: PacketWalk): Facts {
  return changed(facts, { walks: valueOf(facts, 'walks').map((one) => (one.leg === walk.leg ? walk : one)) });
}

/** A walk that undecided matches leave open. */
export function undecided(walk: PacketWalk): PacketWalk {
  const { result } = walk;
  return {
    ...walk,
    result: {
      ...result,
      decision: 'unknown',
      rule: null,
      owner: null,
      uncertainties: [{ rule: '-A FORWARD -m bpf', why: 'a program decides' }],
    },
  };
}

/** The same facts where the asked flow got no answer. */
export function failing(facts: Facts, answer: ReachAttempt['answer'] = 'none'): Facts {
  const attempts = valueOf(facts, 'reachability').attempts.map((attempt) =>
    attempt.what === 'flow' ? { ...attempt, answer, answered: 0 } : attempt,
  );
  return changed(facts, { reachability: { attempts } });
}

/** A fact, given or derived from given ones; one that is neither is a blind spot. */
export async function factOf<K extends FactKey>(facts: Facts, key: K): Promise<Fact<FactValue<K>>> {
  const given: unknown =
    facts[key] ??
    (await derive(
      facts,
      derived.find(({ id }) => id === key),
    )) ??
    unavailable('not-recorded', `${key} was not gathered`);
  return given as Fact<FactValue<K>>;
}

/** A computed fact over these facts. */
export async function derive(facts: Facts, unit: ComputedFact | undefined): Promise<Fact<unknown> | null> {
  if (!unit) return null;
  const needed = await Promise.all(unit.needs.map(async (key) => [key, await factOf(facts, key)] as const));
  const missing = needed.find(([, fact]) => fact.status === 'unavailable')?.[1];
  if (missing?.status === 'unavailable')
    return unavailable(missing.code === 'not-applicable' ? missing.code : 'needed-fact-missing', missing.reason);
  return unit.compute(
    {
      get: (key) => valueOf(Object.fromEntries(needed) as Facts, key),
      evidence: (key) => facts[key]?.evidence ?? [],
      ask: (key) => factOf(facts, key),
    },
    capturedTarget,
  );
}

/** One rule over these facts. Facts that are not among them are blind spots. Every finding is put into words, too. */
export async function evaluated(rule: Rule, facts: Facts): Promise<Evaluation> {
  const evaluation = await evaluateRule(rule, {
    fact: (key) => factOf(facts, key),
    missed: () => [],
    missedEssentials: async () => [],
    usedMemory: () => false,
    place: async () => unavailable('not-recorded', 'no node'),
  });
  for (const finding of findingsOf(evaluation)) toFinding({ rule, finding });
  return evaluation;
}

/** `pass`, `not-applicable`, `inconclusive`, `errored: …`, or what was found. */
export async function judged(rule: Rule, facts: Facts): Promise<string | readonly string[]> {
  const { outcome } = await evaluated(rule, facts);
  if (outcome.outcome === 'fail') return outcome.findings.map(findingWords);
  return outcome.outcome === 'errored' ? `errored: ${outcome.why}` : outcome.outcome;
}

/** `message Kind name @node proof stops`, what tests compare: never prose. */
export function findingWords({ message, subject, node, proof, stopsFlow }: AnyFinding): string {
  return `${message} ${subject.kind} ${subject.name} @${node ?? '-'} ${proof}${stopsFlow ? ' stops' : ''}`;
}

/** A walk that certainly ends in a drop at the rule of this owner. */
export function droppedBy(
  walk: PacketWalk,
  owner: Partial<Owner> & Pick<Owner, 'kind' | 'name'>,
  rule: Partial<RuleRef> = {},
): PacketWalk {
  const ending: RuleRef = {
    backend: 'iptables-legacy',
    family: 'ip',
    table: 'filter',
    chain: 'cali-tw-x',
    index: 3,
    text: '-A cali-tw-x -j DROP',
    comments: [],
    tag: null,
    ...rule,
  };
  const end = { ...walk.result, decision: 'drop' as const, rule: ending, markedBy: null };
  return {
    ...walk,
    standInForProfile: null,
    result: {
      ...end,
      owner: { namespace: null, tier: null, direction: 'ingress', policies: [], by: 'name', ...owner },
      uncertainties: [],
      ends: [end],
    },
  };
}
