/** What is said of a rule that may match or not: which one it is, what either answer means, and what shows more. */
import { describe, expect, test } from '@jest/globals';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { undecidedRule } from '../../src/model/undecided-rules.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp, filterTable } from './rules-of.ts';

const told = (ruleSet: RuleSet) => undecidedRule(walkHook([ruleSet], anyTcp, 'FORWARD'));
const backends = [
  ['iptables-legacy', 'iptables-legacy-save'],
  ['iptables-nft', 'iptables-nft-save'],
] as const;

describe.each(backends)('a rule of %s', (backend, save) => {
  test.each([
    '-m statistic --mode random --probability 0.50000000000',
    '-m statistic --mode nth --every 2 --packet 0',
    '-m policy --dir in --pol ipsec',
    '-m u32 --u32 "0x0>>0x16&0x3c@0x0>>0x10=0x50"',
    '-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"',
    '-m limit --limit 5/sec',
    '-m hashlimit --hashlimit-above 5/sec --hashlimit-mode srcip --hashlimit-name x',
    '-m quota --quota 1000',
    '-m time --timestart 01:00:00 --timestop 02:00:00',
    '-m connlimit --connlimit-above 5',
    '-m string --string "x" --algo bm --to 65535',
    '-m recent --rcheck --name x --rsource',
    '-m mac --mac-source 02:00:00:00:00:01',
    '-m physdev --physdev-in eth1',
    '-m dscp --dscp 0x2e',
    '-m owner --uid-owner 0',
    '-m somethingnew --flag 1',
  ])('says which one it is, and the command that shows it: %s', (match) => {
    const text = `-A FORWARD ${match} -j DROP`;
    const { words, command } = told(filterTable(['-A FORWARD -s 192.0.2.1/32 -j ACCEPT', text], backend)) ?? {};
    expect(words).toContain(`rule 2 of filter FORWARD ("${text}") can decide either way: `);
    expect(words).toMatch(/ If it matches, the packet ends at rule 2 of filter FORWARD; if not, it goes on$/);
    expect(command).toBe(`${save} -c | grep -- '-A FORWARD '`);
  });
});

describe('a rule of nft', () => {
  test.each<[string, object]>([
    ['numgen', { match: { op: '==', left: { numgen: { mode: 'random', mod: 2 } }, right: 0 } }],
    ['ipsec', { match: { op: '==', left: { ipsec: { dir: 'in', key: 'reqid' } }, right: 1 } }],
    ['raw payload', { match: { op: '==', left: { payload: { base: 'th', offset: 0, len: 8 } }, right: 1 } }],
    ['limit', { limit: { rate: 5, per: 'second' } }],
    ['quota', { quota: { val: 5, val_unit: 'bytes' } }],
    ['socket', { match: { op: '==', left: { socket: { key: 'transparent' } }, right: 1 } }],
    ['what no reader knows', { match: { op: '==', left: { newest: {} }, right: 1 } }],
  ])('says which one it is, and the command that shows it: %s', (_, expression) => {
    const at = { family: 'inet', table: 'hostfw' };
    const { words, command } =
      told(
        parseNftJson(
          JSON.stringify({
            nftables: [
              { table: { family: 'inet', name: 'hostfw' } },
              { chain: { ...at, name: 'fwd', type: 'filter', hook: 'forward', prio: 5, policy: 'accept' } },
              { rule: { ...at, chain: 'fwd', handle: 2, expr: [expression, { drop: null }] } },
            ],
          }),
        ),
      ) ?? {};
    expect(words).toMatch(/^rule 1 of hostfw fwd \(".+ drop"\) can decide either way: .+ if not, it goes on$/);
    expect(command).toBe('nft -a list chain inet hostfw fwd');
  });
});

test('the rule that decides is named, and not one before it that changes nothing', () => {
  const marked = '-A FORWARD -m statistic --mode random --probability 0.5 -j MARK --set-xmark 0x1/0x1';
  const { words } = told(filterTable([marked, '-A FORWARD -m dscp --dscp 0x2e -j DROP'])) ?? {};
  expect(words).toMatch(/^rule 2 of filter FORWARD /);
});

test('what either answer means is told as far as it is one thing', () => {
  const { words } =
    told(
      filterTable([
        '-A FORWARD -m dscp --dscp 0x2e -j ACCEPT',
        '-A FORWARD -m u32 --u32 "0x0=0x1" -j REJECT',
        '-A FORWARD -m bpf --bytecode "1,6 0 0 1" -j DROP',
      ]),
    ) ?? {};
  expect(words).toMatch(
    / If it matches, the packet ends at rule 2 of filter FORWARD; if not, it may be dropped or not$/,
  );
});

test('a walk that decides names no rule', () => {
  expect(told(filterTable(['-A FORWARD -m dscp --dscp 0x2e -j ACCEPT']))).toBeNull();
});
