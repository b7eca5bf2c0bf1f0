/** A terminal acts on nothing that others wrote, and no line of theirs looks like one of ours. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { jsonDocument, line, plainOutput } from '../../src/cli/plain-output.ts';
import { parsePersonName } from '../../src/cli/person-name.ts';
import { planLine, planText } from '../../src/cli/plan-text.ts';
import { runProgram } from '../../src/cli/program.ts';
import { traceText } from '../../src/cli/trace-report.ts';
import { stepLine, verdictText } from '../../src/cli/verdict-text.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { forbidden, ipipLost, planRecord, profileMissing, sampleVerdict, settled } from '../bot/sample-run.ts';
import { program } from './program.ts';

const acting = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u001B[2J',
        '\u001B]0;title\u0007',
        '\r',
        '\b\b\b',
        '\u009B31m',
        '\u202E',
        '\u2028',
        '\n',
        '\r\n',
        '\nREACHABLE: EVILLINE',
        '\n  EVILLINE',
        '\v',
        '\u0085EVILLINE',
        '\0',
      ),
      fc.string({ unit: 'binary', maxLength: 6 }),
    ),
    { minLength: 1, maxLength: 10 },
  )
  .map((list) => `${list.join('')}\nEVILLINE`);

const fixed = new Set(['verdict', 'proof', 'status', 'kind', 'state', 'risk', 'schema']);
function replaced<T>(value: T, by: string, key = ''): T {
  if (typeof value === 'string') return (fixed.has(key) ? value : by) as T;
  if (Array.isArray(value)) return value.map((one) => replaced(one, by, key)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, replaced(inner, by, name)])) as T;
}

/** What leaves the program when a command prints this. */
function printed(text: string): string {
  const said = { out: '', err: '' };
  const sink = plainOutput({ out: (part) => void (said.out += part), err: (part) => void (said.err += part) });
  sink.out(text);
  sink.err(text);
  expect(said.err).toBe(said.out);
  return said.out;
}

const verdict = sampleVerdict({
  roots: [ipipLost, forbidden],
  consequences: [profileMissing],
  latent: [ipipLost],
  notes: ['a note'],
});
const record = planRecord('create-pod-profile', 'rejected', { approver: 'somebody', reason: 'a reason' });

describe('hostile text in every field', () => {
  test.each<[string, (text: string) => string]>([
    ['a verdict', (text) => verdictText(replaced(verdict, text))],
    ['a step', (text) => stepLine(replaced(settled('routes', 'fail'), text))],
    ['a plan', (text) => planText(replaced(record, text))],
    ['a list of plans', (text) => planLine(replaced(record, text))],
  ])('of %s begins no line and acts on no terminal', (_, render) => {
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = printed(render(text));
        expect(shown).not.toMatch(acting);
        // What others wrote is indented by four at least where it has lines of its own.
        expect(
          shown.split('\n').filter((one) => /^(?: {0,3}|REACHABLE: )EVILLINE|^ {0,3}REACHABLE: EVILLINE/.test(one)),
        ).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

test('rules of a file are traced in lines of ours', () => {
  const save =
    '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "\u001B[2J\u202Edecision accept" -j DROP\nCOMMIT\n';
  const packet = { source: '10.0.0.1', destination: '10.0.0.2', protocol: 'icmp' as const };
  const ruleSets = [parseIptablesSave(save)];
  const result = walkHook(
    ruleSets,
    {
      ...packet,
      sourcePort: null,
      destinationPort: null,
      inInterface: null,
      outInterface: null,
      mark: 0,
      state: 'NEW',
    } as never,
    'INPUT',
    { node: null } as never,
  );
  const shown = printed(traceText(result, ruleSets));
  expect(shown).toContain(String.raw`␛[2J\u202edecision accept`);
  expect(shown).not.toMatch(acting);
});

test('JSON says the same with nothing for a terminal to act on', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const document = jsonDocument({ text, [text]: [text] });
      expect(document).not.toMatch(acting);
      expect(printed(document)).toBe(document);
      expect(JSON.parse(document)).toEqual({
        text: text.toWellFormed() === text ? text : expect.any(String),
        [text]: expect.anything(),
      });
    }),
    { numRuns: 200 },
  );
});

test('the sink writes out what a terminal acts on', () => {
  expect(printed('a\u001B[2J\u009B31m\u202Eb\r\n\tc\n')).toBe('a\\x1b[2J\\x9b31m\\u202eb\\x0d\n\tc\n');
});

test('one line of ours stays one line', () => {
  expect(line`warning: ${'a\nb\u001B[0m'}\n`).toBe('warning: a↵b\\x1b[0m\n');
});

test('what a program prints goes through the one sink, errors and help too', async () => {
  let all = '';
  const say = (text: string) => void (all += text);
  const surroundings = { out: say, err: say, environment: {}, signal: new AbortController().signal };
  expect(await runProgram(['explain', 'x\u001B[2J\u202E\nEVILLINE'], surroundings)).toBe(3);
  expect(
    await runProgram(
      [
        'trace',
        '--rules',
        '/none\u001B[2J\nEVILLINE',
        '--src',
        '10.0.0.1',
        '--dst',
        '10.0.0.2',
        '--proto',
        'icmp',
        '--hook',
        'INPUT',
      ],
      surroundings,
    ),
  ).toBe(3);
  expect(await runProgram(['unknown\u001B[2J\u202E'], surroundings)).toBe(3);
  expect(await runProgram(['explain', '--unknown\u009B31m'], surroundings)).toBe(3);
  expect(await runProgram(['replay', '/none\u009B31m\nEVILLINE'], surroundings)).toBe(3);
  expect(all).toContain('error');
  expect(all).not.toMatch(acting);
  expect(all).not.toMatch(/^EVILLINE/m);
});

test.each(['', 'two words', 'a\nb', 'root (slack)', '<@U0ALICE>', 'a\u202Eb', 'x'.repeat(65), '*bold*'])(
  '%j is not a name for --as',
  async (name) => {
    expect(parsePersonName(name).ok).toBe(false);
    const { exit, err } = await program(['fix', 'reject', 'p-1', '--as', name]);
    expect(exit).toBe(3);
    expect(err).toContain('is not a name');
    expect(err.trimEnd().split('\n')).toHaveLength(1);
  },
);

test.each(['alice', 'alice.moreau@example.com', 'on-call_2', 'x'.repeat(64)])('%j is a name for --as', (name) => {
  expect(parsePersonName(name)).toEqual({ ok: true, value: name });
});

test('a log line is JSON in one line, with nothing for a terminal to act on', async () => {
  const code = `import { createLog } from '${new URL('../../src/adapters/log.ts', import.meta.url).pathname}';
    const text = 'a\\u001B[2J\\u009B31m\\u202Eb\\u2028c\\nd';
    const log = createLog();
    log.warn(text, new Error(text, { cause: new Error(text) }));`;
  const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code]);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(acting);
  expect(JSON.parse(stderr)).toMatchObject({
    level: 40,
    msg: 'a\u001B[2J\u009B31m\u202Eb\u2028c\nd',
    error: 'a\u001B[2J\u009B31m\u202Eb\u2028c\nd',
  });
});
