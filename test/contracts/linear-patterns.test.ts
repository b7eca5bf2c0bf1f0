/** What other people write is matched in a time that grows with its length alone: one loop answers Slack, too. */
import { describe, expect, test } from '@jest/globals';
import { resolve } from 'node:path';
import { createContext, Script } from 'node:vm';
import { patternsIn, patternsOf, type FoundPattern } from './linear/pattern-list.ts';
import { computedMs, excess, limitMs, msSince } from '../support/yardsticks.ts';
import { worstInputs, type Input } from './linear/worst-inputs.ts';

const root = resolve(import.meta.dirname, '../..');
const megabyte = 1_000_000;
/**
 * A part of the megabyte is tried first: what takes less than half the limit through the square of this keeps to the
 * limit with all of it, also where time grows with the square of the length.
 */
const parts = 64;
/** So long are inputs tried before the one that is being tried is suspect, whatever it takes. */
const watchMs = 100;
const found = patternsIn(root);

const context = createContext({ run: () => undefined });
const script = new Script('run()');
/**
 * V8 ends work that takes longer. What counts is what the thread computed: a busy machine gets more, and an idle one
 * enough to be sure at once.
 */
function endsInTime(work: () => void, limitMs: number, timeout = Math.ceil(limitMs * 1.2)): boolean {
  context['run'] = work;
  const began = process.threadCpuUsage();
  try {
    script.runInContext(context, { timeout });
    return true;
  } catch (error) {
    if (msSince(began) < limitMs) return endsInTime(work, limitMs, timeout * 2);
    if ((error as { readonly code?: string }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false; // of another realm: no Error here
    throw error;
  }
}

const match = (pattern: RegExp, text: string) => {
  if (pattern.global) text.replaceAll(pattern, '');
  else pattern.test(text);
};

/**
 * Where the first input from `from` on stands that is to be tried in full; null: none is. One watch for all of them: one
 * for each costs more than most matches.
 */
function nextSuspect(pattern: RegExp, inputs: readonly Input[], from: number): number | null {
  let at = from;
  const isQuick = (input: Input) => {
    const text = input(megabyte / parts);
    // On a busy machine everything would be suspect by the clock.
    return computedMs(() => match(pattern, text)) <= limitMs / parts ** 2 / 2;
  };
  const ended = endsInTime(() => {
    for (let input = inputs[at]; input && isQuick(input); input = inputs[at]) at += 1;
  }, watchMs);
  return ended && at === inputs.length ? null : at;
}

/** The first worst input that takes longer than this share of the limit, shortened; null: none does. */
function slowInput({ source, flags }: Pick<FoundPattern, 'source' | 'flags'>, share = 1): string | null {
  const pattern = new RegExp(source, flags);
  const inputs = worstInputs(source, flags);
  for (let at = nextSuspect(pattern, inputs, 0); at !== null; at = nextSuspect(pattern, inputs, at + 1)) {
    const text = inputs[at]?.(megabyte) ?? '';
    const measure = (limit: number) => (endsInTime(() => match(pattern, text), limit * share) ? 0 : limit + 1);
    if (excess(measure) !== null) return `${JSON.stringify(text.slice(0, 60))}…`;
  }
  return null;
}

describe('the search for slow patterns', () => {
  test.each([
    [String.raw`\beyJ[\w-]{8,}\.[\w-]{8,}`, 'g'],
    [String.raw`\b([a-z][a-z0-9+.-]*:\/\/[^\s/:@]+:)[^\s/@]+@`, 'gi'],
    [String.raw`(\d+) packets`, ''],
    [String.raw`\s+$`, ''],
    ['(?:a|a)*b', ''],
    [String.raw`begin .* end`, ''],
    [String.raw`-----BEGIN[\s\S]*?-----END`, 'g'],
    ['(a+)+$', ''],
    [String.raw`^(?:[a-z]+-?)+$`, ''],
  ])('%s is slow', (source, flags) => {
    // Each of these would take minutes: that need not be waited for.
    expect(slowInput({ source, flags }, 0.1)).not.toBeNull();
  });

  test.each([
    [String.raw`"[^"]*" x`, ''],
    [String.raw`\d{1,19} packets`, ''],
    [String.raw`(?<![\w-])eyJ[\w-]+`, 'g'],
  ])('%s is quick', (source, flags) => {
    expect(slowInput({ source, flags })).toBeNull();
  });

  test('finds literals and patterns built from constants, and says where one is built from data', () => {
    const text =
      "const part = String.raw`\\d+`; const all = new RegExp('^' + `${part}$`, 'g'); const some = (name: string) => [/a|b/i, new RegExp(name), RegExp(['x', part].join('|'))];";
    expect(patternsOf(text, 'f')).toEqual({
      patterns: [
        { file: 'f', source: String.raw`^\d+$`, flags: 'g' },
        { file: 'f', source: 'a|b', flags: 'i' },
        { file: 'f', source: String.raw`x|\d+`, flags: '' },
      ],
      builtFromData: ['f'],
    });
  });
});

test('every pattern can be tried: none is built from data', () => {
  expect(found.files).toBeGreaterThan(150);
  expect(found.builtFromData).toEqual([]);
});

const byFile = Map.groupBy(found.patterns, ({ file }) => file);
test('there are patterns to try', () => {
  expect(byFile.size).toBeGreaterThan(40);
});
const slowPatterns = (file: string) =>
  byFile.get(file)?.flatMap((pattern) => {
    const slow = slowInput(pattern);
    return slow === null ? [] : [{ pattern: `/${pattern.source}/${pattern.flags}`, slow }];
  });
test.each([...byFile.keys()])(
  '%s matches a megabyte of the worst in a time that grows with its length',
  (file) => {
    expect(slowPatterns(file)).toEqual([]);
  },
  300_000,
);
