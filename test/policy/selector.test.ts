import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseSelector, prefixed, selects, type Labels, type Selector } from '../../src/policy/selector.ts';

const labelled =
  (labels: Readonly<Record<string, string>>): Labels =>
  (label) =>
    labels[label] ?? null;
const chosen = (text: string, labels: Readonly<Record<string, string>> = {}) => {
  const selector = parseSelector(text);
  return selector ? selects(selector, labelled(labels)) : 'no selector';
};

const unsure: Labels = (label) =>
  label === 'known' ? 'yes' : label === 'absent' ? null : { unknown: `${label} was not read` };

describe('what a selector selects', () => {
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ['', {}, true],
    ['  \t', {}, true],
    ['all()', {}, true],
    ['all( )', {}, true],
    ['global()', {}, true],
    ['!all()', {}, false],
    ["a == 'b'", { a: 'b' }, true],
    ['a == "b"', { a: 'b' }, true],
    ["a=='b'", { a: 'b' }, true],
    ["a == 'b'", { a: 'c' }, false],
    ["a == 'b'", {}, false],
    ["a == ''", { a: '' }, true],
    ["a == ''", {}, false],
    ["a != 'b'", { a: 'c' }, true],
    ["a != 'b'", { a: 'b' }, false],
    ["a != 'b'", {}, true],
    ['has(a)', { a: '' }, true],
    ['has(a)', {}, false],
    ['!has(a)', {}, true],
    ['! has( a )', {}, true],
    ['!!has(a)', { a: '1' }, true],
    ['a in {\'b\', "c"}', { a: 'c' }, true],
    ["a in {'b','c',}", { a: 'c' }, true],
    ["a in {'b'}", {}, false],
    ['a in {}', { a: 'b' }, false],
    ["a not in {'b'}", { a: 'c' }, true],
    ["a not in {'b'}", { a: 'b' }, false],
    ["a not in {'b'}", {}, true],
    ["a notin {'b'}", {}, true],
    ["a contains 'xy'", { a: 'wxyz' }, true],
    ["a contains ''", { a: '' }, true],
    ["a contains 'xy'", {}, false],
    ["a starts with 'w'", { a: 'wx' }, true],
    ["a starts with 'x'", { a: 'wx' }, false],
    ["a startswith 'w'", { a: 'wx' }, true],
    ["a ends with 'x'", { a: 'wx' }, true],
    ["a ends  with 'x'", {}, false],
    ["a == 'b' && c == 'd'", { a: 'b' }, false],
    ["a == 'b' && c == 'd'", { a: 'b', c: 'd' }, true],
    ["a == 'x' || c == 'd'", { c: 'd' }, true],
    // && binds tighter.
    ["a == '1' || b == '1' && c == '1'", { a: '1' }, true],
    ["(a == '1' || b == '1') && c == '1'", { a: '1' }, false],
    ["!(a == '1' && b == '1')", { a: '1' }, true],
    ["!a == '1' && b == '1'", { b: '1' }, true],
    // Words of the language are labels too, where no operator may stand.
    ["in in {'in'}", { in: 'in' }, true],
    ["has == 'x'", { has: 'x' }, true],
    ["contains contains 'x'", { contains: 'x' }, true],
    [
      "projectcalico.org/orchestrator == 'k8s' && app == 'web'",
      { 'projectcalico.org/orchestrator': 'k8s', app: 'web' },
      true,
    ],
  ])('%s of %j: %s', (text, labels, expected) => {
    expect(chosen(text, labels)).toBe(expected);
  });
});

describe('no selector', () => {
  test.each([
    'a',
    'a ==',
    "a = 'b'",
    "== 'b'",
    'a == b',
    "a == 'b",
    "a == 'b' &&",
    "a == 'b' c == 'd'",
    "a == 'b' & c == 'd'",
    "a == 'b' | c == 'd'",
    "(a == 'b'",
    "a == 'b')",
    '()',
    'has()',
    'has(a',
    'has(a b)',
    'has (a)',
    'all(',
    'all',
    'global(a)',
    "a in 'b'",
    "a in {'b'",
    'a in {,}',
    'a in {b}',
    "a not {'b'}",
    "a inn {'b'}",
    "a starts 'b'",
    "a containsx 'b'",
    '!',
    "a == 'b'\n&& c == 'd'",
    '$',
    "ä == 'b'",
    `${'x'.repeat(513)} == 'a'`,
    `has(${'x'.repeat(513)})`,
  ])('%s', (text) => {
    expect(chosen(text)).toBe('no selector');
  });
  test('brackets without end are refused', () => {
    expect(parseSelector(`${'('.repeat(100_000)}all()${')'.repeat(100_000)}`)).toBeNull();
    expect(parseSelector(`${'!'.repeat(100_000)}all()`)).toEqual({ kind: 'all' });
  });
});

describe('labels that nobody knows', () => {
  test.each<[string, boolean | string]>([
    ["secret == 'x'", 'secret was not read'],
    ['!has(secret)', 'secret was not read'],
    ["secret == 'x' && known == 'no'", false],
    ["secret == 'x' && known == 'yes'", 'secret was not read'],
    ["secret == 'x' || known == 'yes'", true],
    ["has(absent) || secret in {'x'}", 'secret was not read'],
    ["absent == 'k8s' && secret == 'x'", false],
  ])('%s: %s', (text, expected) => {
    const answer = selects(parseSelector(text) ?? { kind: 'all' }, unsure);
    expect(typeof answer === 'object' ? answer.unknown : answer).toBe(expected);
  });
});

test('labels of namespaces and accounts come down under a prefix; all() and global() are what the place makes of them', () => {
  const selector = parseSelector("team == 'shop' && (all() || !global()) && has(x)") ?? { kind: 'all' };
  const instead = { all: { kind: 'has', label: 'ns' }, global: { kind: 'has', label: 'none' } } as const;
  expect(prefixed(selector, 'pcns.', instead)).toEqual(
    parseSelector("pcns.team == 'shop' && (has(ns) || !has(none)) && has(pcns.x)"),
  );
});

describe('whatever is written', () => {
  const label = fc.stringMatching(/^[A-Za-z0-9_./-]{1,12}$/);
  const value = fc.stringMatching(/^[^'"]{0,8}$/);
  const { selector } = fc.letrec<{ selector: Selector }>((tie) => ({
    selector: fc.oneof(
      { maxDepth: 4 },
      fc.record({ kind: fc.constantFrom('all' as const, 'global' as const) }),
      fc.record({ kind: fc.constant('has' as const), label }),
      fc.record({
        kind: fc.constantFrom(
          '==' as const,
          '!=' as const,
          'contains' as const,
          'starts with' as const,
          'ends with' as const,
        ),
        label,
        value,
      }),
      fc.record({
        kind: fc.constantFrom('in' as const, 'not in' as const),
        label,
        values: fc.array(value, { maxLength: 3 }),
      }),
      fc.record({ kind: fc.constant('not' as const), of: tie('selector') }),
      fc.record({
        kind: fc.constantFrom('&&' as const, '||' as const),
        of: fc.array(tie('selector'), { minLength: 2, maxLength: 3 }),
      }),
    ),
  }));
  const print = (one: Selector): string => {
    switch (one.kind) {
      case 'all':
      case 'global':
        return `${one.kind}()`;
      case 'has':
        return `has(${one.label})`;
      case 'in':
      case 'not in':
        return `${one.label} ${one.kind} {${one.values.map((text) => `'${text}'`).join(', ')}}`;
      case 'not':
        return `!(${print(one.of)})`;
      case '&&':
      case '||':
        return `(${one.of.map(print).join(` ${one.kind} `)})`;
      default:
        return `${one.label} ${one.kind} "${one.value}"`;
    }
  };
  /** The same question answered in the plainest way. */
  const holds = (one: Selector, labels: Readonly<Record<string, string>>): boolean => {
    switch (one.kind) {
      case 'all':
      case 'global':
        return true;
      case 'not':
        return !holds(one.of, labels);
      case '&&':
        return one.of.filter((part) => !holds(part, labels)).length === 0;
      case '||':
        return one.of.filter((part) => holds(part, labels)).length > 0;
      case 'has':
        return Object.hasOwn(labels, one.label);
      case 'in':
        return one.values.includes(labels[one.label] ?? '\n');
      case 'not in':
        return !one.values.includes(labels[one.label] ?? '\n');
      case '!=':
        return labels[one.label] !== one.value;
      case '==':
        return labels[one.label] === one.value;
      case 'contains':
        return Object.hasOwn(labels, one.label) && `${labels[one.label]}`.indexOf(one.value) >= 0;
      case 'starts with':
        return Object.hasOwn(labels, one.label) && `${labels[one.label]}`.slice(0, one.value.length) === one.value;
      default:
        return Object.hasOwn(labels, one.label) && `${labels[one.label]}`.endsWith(one.value);
    }
  };
  test('is parsed as it was printed', () => {
    fc.assert(fc.property(selector, (one) => expect(parseSelector(print(one))).toEqual(one)));
  });
  test('selects the labels that it names', () => {
    fc.assert(
      fc.property(selector, fc.dictionary(label, value, { noNullPrototype: true }), (one, labels) =>
        expect(selects(one, (name) => (Object.hasOwn(labels, name) ? (labels[name] ?? null) : null))).toBe(
          holds(one, labels),
        ),
      ),
    );
  });
  test('a label that is not known never changes an answer that stands without it', () => {
    fc.assert(
      fc.property(selector, label, value, (one, name, text) => {
        const answer = selects(one, (asked) => (asked === name ? { unknown: 'not read' } : null));
        if (typeof answer === 'object') return;
        expect([selects(one, (asked) => (asked === name ? text : null)), selects(one, () => null)]).toEqual([
          answer,
          answer,
        ]);
      }),
    );
  });
  test('never throws', () => {
    const scraps = fc
      .array(
        fc.oneof(
          fc.string(),
          fc.constantFrom(...'( ) { } , ! && || == != in not starts with has(a) all() a "b"'.split(' ')),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join(' '));
    fc.assert(
      fc.property(scraps, (text) => {
        const found = parseSelector(text);
        expect(found === null || typeof selects(found, () => null) === 'boolean').toBe(true);
      }),
    );
  });
});
