/** Each fault of the lab, as a diagnosis of it was once recorded: judged again without a cluster, without rights. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openCase } from '../../src/adapters/case-replay.ts';
import { computed } from '../../src/computed/registry.ts';
import { diagnose } from '../../src/engine/diagnose.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { expectedOf, saidBy } from '../../tools/lab/diagnosis.ts';
import { brokenCases } from '../../tools/lab/faults/broken-cases.ts';
import { catalogue } from '../../tools/lab/faults/catalogue/registry.ts';
import type { Judgement } from '../../tools/lab/faults/fault.ts';
import {
  packed,
  recordedArchives,
  unpacked,
  writeCase,
  type CaseArchive,
  type RecordedCase,
} from '../../tools/lab/recorded-cases.ts';
import { unrecorded } from './unrecorded-faults.ts';

const archives = recordedArchives();
const rows = archives.flatMap(({ kind, cases }) =>
  cases.map((one) => ({
    what: [
      `era ${kind.era ?? '3'}`,
      kind.dataplane,
      kind.datastore,
      kind.encap,
      one.fault,
      ...one.given,
      '|',
      ...one.asks,
    ].join(' '),
    kind,
    one,
  })),
);
const same = (a: readonly string[], b: readonly string[]) => a.join(' ') === b.join(' ');

/** What the catalogue says that a diagnosis of the fault must say. */
function judgementOf(kind: CaseArchive['kind'], { fault, given, asks }: RecordedCase): Judgement | undefined {
  const broken = brokenCases({ ...kind, typha: false }).find((one) => one.fault === fault && same(one.given, given));
  if (!broken) return undefined;
  const { expects } = broken;
  // Without IPIP the one source is asked about that the fault is about.
  const [target = ''] = asks;
  const all = [expects, ...expects.others];
  return all.find((one) => same(one.asks, asks)) ?? all.find((one) => same(one.asks, [target]));
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'recorded-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a recorded diagnosis says what it must', () => {
  test.each(rows.map((row, at) => ({ ...row, at })))('$what', async ({ kind, one, at }) => {
    const directory = join(folder, String(at));
    mkdirSync(directory, { mode: 0o700 });
    writeCase(one, directory);
    const { header, ...ports } = await openCase(directory);
    const verdict = await diagnose(
      { probes, computed, rules, calicoNamespaces: header.calicoNamespaces, ...ports },
      { run: header.run, target: header.target },
      async () => undefined,
    );
    const expected = judgementOf(kind, one);
    expect(expected && expectedOf(expected)).toEqual(saidBy(verdict));
  });
});

test('every fault of the catalogue is recorded, or a reason says why not', () => {
  const recorded = new Set(rows.map(({ one }) => one.fault));
  const names = catalogue.map(({ name }) => name);
  expect(names.filter((name) => !recorded.has(name)).toSorted()).toEqual(Object.keys(unrecorded).toSorted());
  expect(Object.values(unrecorded).filter((reason) => reason.trim() === '')).toEqual([]);
});

test('an archive keeps each text once, and gives back each file', () => {
  const files = { 'case.json': '{}', 'node-a/1.txt': 'rules'.repeat(1000) };
  const kind = { dataplane: 'nft', datastore: 'etcd', encap: 'ipip' } as const;
  const one = (fault: string): RecordedCase => ({ fault, given: [], asks: ['default/mypod'], files });
  const archive = { kind, cases: [one('a'), one('b')] };
  expect(unpacked(packed(archive))).toEqual(archive);
  expect(packed(archive).length).toBeLessThan(500);
});
