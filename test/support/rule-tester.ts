/**
 * Tests a rule by a table: facts, and what it finds under them. The tester also fails when the rule changes its facts,
 * when no row makes it read an input that it declares or say one of its messages, when two rows are the same, when the
 * title of a row begins with another outcome than the row expects, and when neither a fault of the lab nor a reason
 * stands for the rule.
 */
import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { evaluateRule } from '../../src/engine/evaluate.ts';
import { toFinding } from '../../src/engine/finding.ts';
import { fixes } from '../../src/fixes/registry.ts';
import { unavailable, type Evidence } from '../../src/model/evidence.ts';
import type { FactKey } from '../../src/model/facts.ts';
import { resourceKey } from '../../src/model/resource.ts';
import type { Outcome, AnyFinding, Rule } from '../../src/model/rule.ts';
import { catalogue } from '../../tools/lab/faults/catalogue/registry.ts';
import { causesOf } from '../../tools/lab/faults/fault.ts';
import { factOf, findingWords, type Facts } from './facts.ts';
import { leftToFill } from './typed-commands.ts';

export interface RuleTable {
  /** The name of a fault of the lab by which this rule is found, or why there is none. */
  readonly lab: string | { readonly none: string };
  readonly rows: readonly RuleRow[];
}
/** Facts that are not given are blind spots; what follows from others is worked out. */
export type RuleRow = readonly [title: string, facts: () => Facts | Promise<Facts>, expected: Expected];
type Expected = 'pass' | 'not-applicable' | 'inconclusive' | readonly ExpectedFinding[];
/** `message Kind name @node proof`, with ` stops` where it stops the flow; or that, and more of the finding. */
type ExpectedFinding =
  | string
  | {
      readonly finding: string;
      readonly data?: Readonly<Record<string, string>>;
      readonly lacks?: readonly string[];
      readonly withholds?: readonly string[];
    };

/** What the rows of one table did, together. */
export interface Coverage {
  readonly inputs: Set<FactKey>;
  readonly messages: Set<string>;
  /** What findings offered the rule's fix with. */
  readonly offers: unknown[];
  /** What people would have to fill in of the commands that findings advise. */
  readonly holes: Set<string>;
  /** Titles of rows by what the rule was given. */
  readonly rows: Map<string, string[]>;
}

export function testRule(rule: Rule, { lab, rows }: RuleTable): void {
  const coverage: Coverage = { inputs: new Set(), messages: new Set(), offers: [], holes: new Set(), rows: new Map() };
  describe(`${rule.id}, row by row`, () => {
    let run = 0;
    test.each(rows.map(([title, ...row]): RuleRow => [headed(title, row[1]), ...row]))(
      '%s',
      async (title, facts, expected) => {
        run += 1;
        const outcome = await runRow(rule, title, await facts(), coverage);
        expect(said(outcome, expected)).toEqual(expected);
      },
    );
    afterAll(() => {
      // With a filter (-t) only some rows run, and say nothing of the others.
      if (run === rows.length)
        expect([
          ...unread(rule, coverage),
          ...unsaid(rule, coverage),
          ...unfit(rule, coverage),
          ...repeated(coverage),
          ...contradicted(rows),
          ...coverage.holes,
        ]).toEqual([]);
    });
  });
  test('the lab shows it, or a reason says why not', () => {
    expect(withoutFault(rule, lab)).toBeNull();
  });
}

/** Judges one row, watched, on facts that nobody can change. */
export async function runRow(
  rule: Rule,
  title: string,
  facts: Facts,
  coverage: Coverage,
): Promise<Outcome | { readonly outcome: 'errored'; readonly why: string }> {
  const watched: Rule = {
    ...rule,
    judge: (values, considered, evidence) =>
      rule.judge(watch(values, coverage), watch(considered, coverage), (key) => reading(key, evidence(key), coverage)),
  };
  const given = await Promise.all(inputsOf(rule).map(async (key) => [key, frozen(await factOf(facts, key))] as const));
  const known = new Map<FactKey, unknown>(given);
  const digest = createHash('sha256').update(JSON.stringify(given)).digest('hex');
  coverage.rows.set(digest, [...(coverage.rows.get(digest) ?? []), title]);
  const { outcome } = await evaluateRule(watched, {
    fact: async (key) => known.get(key) as never,
    missed: () => [],
    missedEssentials: async () => [],
    usedMemory: () => false,
    place: async () => unavailable('not-recorded', 'no node'),
  });
  for (const finding of outcome.outcome === 'fail' ? outcome.findings : []) {
    coverage.messages.add(finding.message);
    if (finding.fixInput) coverage.offers.push(finding.fixInput);
    for (const hole of leftToFill(toFinding({ rule, finding }).advice?.commands ?? [])) coverage.holes.add(hole);
  }
  return outcome;
}

export function unread(rule: Rule, { inputs }: Coverage): readonly string[] {
  return inputsOf(rule)
    .filter((key) => !inputs.has(key))
    .map((key) => `no row makes the rule read ${key}, which it declares`);
}

export function unsaid(rule: Rule, { messages }: Coverage): readonly string[] {
  return Object.keys(rule.messages)
    .filter((message) => !messages.has(message))
    .map((message) => `no row makes the rule say "${message}"`);
}

/** A rule that names a fix offers it, with what the fix takes. */
export function unfit({ fix: id }: Rule, { offers }: Coverage): readonly string[] {
  if (id === undefined) return [];
  const fix = fixes.find((candidate) => candidate.id === id);
  if (!fix) return [`there is no fix ${id}`];
  if (offers.length === 0) return [`no row makes the rule offer ${id}`];
  return offers.flatMap((offer) => {
    try {
      fix.input.parse(offer);
      return [];
    } catch (error) {
      return [`${id} does not take what the rule offers: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
}

export function repeated({ rows }: Coverage): readonly string[] {
  return [...rows.values()]
    .filter((titles) => titles.length > 1)
    .map((titles) => `the same facts stand in several rows: ${titles.join(' | ')}`);
}

const heads = {
  fails: /^fails\b/,
  passes: /^passes\b/,
  'does not apply': /^(?:does not apply|not applicable)\b/,
  inconclusive: /^inconclusive\b/,
} as const;
type Head = keyof typeof heads;

function headOf(expected: Expected): Head {
  if (typeof expected !== 'string') return 'fails';
  return expected === 'pass' ? 'passes' : expected === 'not-applicable' ? 'does not apply' : 'inconclusive';
}

/** A title that begins with what is expected; who reads a list of rows sees it at once. */
export function headed(title: string, expected: Expected): string {
  const head = headOf(expected);
  return heads[head].test(title) ? title : `${head}: ${title}`;
}

/** A title that begins with another outcome than the row expects. */
export function contradicted(rows: readonly RuleRow[]): readonly string[] {
  return rows.flatMap(([title, , expected]) => {
    const said = (Object.keys(heads) as Head[]).find((head) => heads[head].test(title));
    return said === undefined || said === headOf(expected)
      ? []
      : [`the title of a row says "${said}", and the row expects "${headOf(expected)}": ${title}`];
  });
}

/** null: a fault of the lab brings the rule about, or a reason is given. */
export function withoutFault({ id }: Rule, lab: RuleTable['lab']): string | null {
  if (typeof lab !== 'string') return lab.none.trim() === '' ? `${id} has no fault in the lab, and no reason` : null;
  const fault = catalogue.find(({ name }) => name === lab);
  if (!fault) return `the lab has no fault ${lab}`;
  return causesOf(fault).includes(id) ? null : `the fault ${lab} is not about ${id}`;
}

function inputsOf({ requires, considers = [] }: Rule): readonly FactKey[] {
  return [...new Set([...requires, ...considers])];
}

/** The same record; whatever looks into one of its values marks that one as read. */
function watch<T extends object>(record: T, { inputs }: Coverage): T {
  return new Proxy(record, {
    get: (of, key) => {
      const value: unknown = Reflect.get(of, key);
      if (typeof value === 'object' && value !== null)
        return new Proxy(value, {
          get: (inner, part) => {
            inputs.add(key as FactKey);
            return Reflect.get(inner, part);
          },
        });
      inputs.add(key as FactKey);
      return value;
    },
  });
}

function reading(key: FactKey, evidence: readonly Evidence[], { inputs }: Coverage): readonly Evidence[] {
  inputs.add(key);
  return evidence;
}

/** The value itself, with all that hangs on it, so that writing to it throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) frozen(part);
  }
  return value;
}

function said(
  outcome: Outcome | { readonly outcome: 'errored'; readonly why: string },
  expected: Expected,
): string | readonly ExpectedFinding[] {
  if (outcome.outcome === 'errored') return `errored: ${outcome.why}`;
  if (outcome.outcome !== 'fail') return outcome.outcome;
  return outcome.findings.map((finding, at) =>
    foundAs(finding, typeof expected === 'string' ? undefined : expected[at]),
  );
}

/** As much of a finding as the row asks about. */
function foundAs(finding: AnyFinding, expected: ExpectedFinding | undefined): ExpectedFinding {
  if (expected === undefined || typeof expected === 'string') return findingWords(finding);
  const { data, lacks, withholds } = expected;
  return {
    finding: findingWords(finding),
    ...(data ? { data: Object.fromEntries(Object.keys(data).map((key) => [key, finding.data[key] ?? '(none)'])) } : {}),
    ...(lacks ? { lacks: (finding.lacks ?? []).map(resourceKey) } : {}),
    ...(withholds ? { withholds: (finding.withholds ?? []).map(resourceKey) } : {}),
  };
}
