import { describe, expect, test } from '@jest/globals';
import { ruleFailureIn } from '../../../src/calico/felix-rule-failures.ts';
import { observed } from '../../../src/model/evidence.ts';
import { ruleSetUnreadable as rule } from '../../../src/rules/felix/rule-set-unreadable.ts';
import { blind, captured, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const at = '2026-11-23T18:12:00.000Z';
const line = (text: string, time = '18:11:14.910') => `2026-11-23 ${time} [WARNING][63] felix/table.go 854: ${text}`;
const logging = (lines: readonly string[], place: 'target' | 'source' = 'target'): Facts => ({
  ...facts,
  'felix-log@source': observed([], [{ command: 'GET log', node: null, at, excerpt: '', file: null }]),
  [`felix-log@${place}`]: observed(lines, [
    { command: 'GET log', node: null, at, excerpt: lines.join('\n'), file: null },
  ]),
});
const saying = {
  lock: 'Failed to execute ip(6)tables-restore command errorOutput="Another app is currently holding the xtables lock"',
  incompatible: 'iptables-save failed because there are incompatible nft rules in the table.  Remove the nft rules',
  sets: 'error output="ipset v7.11: Kernel and userspace incompatible: settype hash:ip with revision 6 not supported"',
  read: 'iptables-nft-save command failed error=exit status 1 stderr=""',
  write: 'Failed to program iptables, will retry error=exit status 2',
} as const;
const ended = 'iptables-nft-save command failed after retries ipVersion=0x4 table="filter"';

testRule(rule, {
  lab: { none: 'the Felix of the lab has no lock to lose and no old ipset; the rows hold what the real one logs' },
  rows: [
    ...Object.entries(saying).map(([kind, text]): RuleRow => [
      `fails: ${kind}`,
      () =>
        logging([line('all well'), line(text), ...(kind === 'read' || kind === 'incompatible' ? [line(ended)] : [])]),
      [{ finding: `${kind} Node n1 @n1 read`, withholds: ['nodeRules:n1'] }],
    ]),
    [
      'fails for the node of the source',
      () => logging([line(saying.read), line(ended)], 'source'),
      [{ finding: 'read Node n2 @n2 read', withholds: ['nodeRules:n2'] }],
    ],
    ['passes: it succeeded after that', () => logging([line(saying.write), line('Succeeded after retry.')]), 'pass'],
    [
      'passes: a read that failed three times succeeded at last',
      () => logging([line(saying.read), line(saying.incompatible), line(saying.read), line('all well')]),
      'pass',
    ],
    [
      'passes: Felix ended over it, started anew, and wrote its rules',
      () => logging([line(saying.read), line(ended), line('Completed first update to dataplane. secsSinceStart=1')]),
      'pass',
    ],
    ['passes: nothing of the kind', () => logging([line('all well')]), 'pass'],
    ['inconclusive: that was long ago', () => logging([line(saying.write, '11:11:14.910')]), 'inconclusive'],
    ['inconclusive: nobody knows when that was', () => logging([saying.write]), 'inconclusive'],
    [
      'inconclusive: one of the logs may not be read',
      () => blind(logging([]), ['felix-log@source'], 'api-forbidden'),
      'inconclusive',
    ],
    [
      'inconclusive: the log may not be read',
      () => blind(facts, ['felix-log@target'], 'api-forbidden'),
      'inconclusive',
    ],
  ],
});

describe('the failure that is told', () => {
  test.each<[string, readonly string[], string | null]>([
    ['the reason, where Felix gives up after it', [saying.lock, saying.write], 'lock'],
    ['the last one, where none says why', [saying.read, ended, saying.write], 'write'],
    ['that after the success', [saying.lock, 'Succeeded after retry.', saying.read, ended], 'read'],
    ['a write, whatever became of reads before it', [saying.read, saying.lock], 'lock'],
    ['reads that failed each time', [saying.incompatible, saying.read, ended], 'incompatible'],
    ['no read that may have succeeded', [saying.incompatible, saying.read], null],
    ['no read after one that ended Felix, so far', [ended, 'Completed first update to dataplane.', saying.read], null],
    ['none', ['', 'x'], null],
  ])('%s', (_, log, kind) => {
    expect(ruleFailureIn(log)?.kind ?? null).toBe(kind);
  });
});
