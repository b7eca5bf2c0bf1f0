import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const rules = 100_000;
const chains = 200;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => at);
const foreign = (at: number) =>
  `[0:0] -A FOREIGN-${Math.floor(at / (rules / chains))} -s 198.18.${(at >> 8) & 255}.${at & 255}/32 -p tcp -m tcp --dport ${(at % 60_000) + 1} -m comment --comment "rule ${at}" -j DROP`;
const save = (jumps: readonly string[]) =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ...numbers(chains).map((at) => `:FOREIGN-${at} - [0:0]`),
    ...jumps,
    ...numbers(rules).map(foreign),
    'COMMIT',
    '',
  ].join('\n');

interface Cost {
  readonly decision: string;
  readonly readMs: number;
  readonly walkMs: number;
  readonly memory: number;
}

const restoreMs = (text: string) => {
  const began = performance.now();
  execFileSync('unshare', ['-n', 'iptables-legacy-restore', '--test'], {
    input: text,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  return performance.now() - began;
};

// The yardstick is the program that loads the same rules, in the same run. Needs root, for a network namespace.
describe(`a save of ${rules} rules of others`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'reader-cost-'));
  const file = join(folder, 'save');
  beforeAll(() => expect(process.getuid?.()).toBe(0));
  afterAll(() => rmSync(folder, { recursive: true }));

  const cost = (): Cost =>
    JSON.parse(
      execFileSync(process.execPath, ['--expose-gc', `${import.meta.dirname}/reader-cost.ts`, file], {
        encoding: 'utf8',
      }),
    );

  test.each<[string, readonly string[]]>([
    ['that the packet never meets', []],
    [
      'in chains whose jumps miss',
      numbers(chains).map((at) => `[0:0] -A FORWARD -s 203.0.113.${at}/32 -j FOREIGN-${at}`),
    ],
    ['each of which the packet meets and misses', numbers(chains).map((at) => `[0:0] -A FORWARD -j FOREIGN-${at}`)],
  ])(
    '%s takes no longer than loading it, and not 8 times its size',
    (_, jumps) => {
      const text = save(jumps);
      writeFileSync(file, text);
      const rounds = [1, 2, 3].map(() => ({ restore: restoreMs(text), own: cost() }));
      const least = (of: (round: { restore: number; own: Cost }) => number) => Math.min(...rounds.map(of));
      expect(new Set(rounds.map(({ own }) => own.decision))).toEqual(new Set(['accept']));
      expect(least(({ own }) => own.readMs + own.walkMs) / least(({ restore }) => restore)).toBeLessThan(1);
      expect(least(({ own }) => own.memory)).toBeLessThan(8);
    },
    120_000,
  );
});
