import { describe, expect, test } from '@jest/globals';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { proveByCounters } from '../../../src/ruleset/counters/counter-proof.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { chainsToRecount, recounted } from '../../../src/ruleset/joined/recounted-chains.ts';
import { ruleSetOf } from '../../../src/ruleset/nft/listing.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from '../rules-of.ts';

const others = (count: number) => Array.from({ length: count }, () => '[0:0] -A OTHERS -p udp -j DROP');
const saved = (
  { count = 6000, backend = 'iptables-nft' as RuleSet['backend'], packets = 4, drop = 'c' } = {},
  policy = 'ACCEPT',
): readonly RuleSet[] => [
  parseIptablesSave(
    [
      '*filter',
      `:FORWARD ${policy} [9:900]`,
      ':c - [0:0]',
      ':OTHERS - [0:0]',
      `[7:700] -A FORWARD -j ${drop}`,
      `[${packets}:${packets * 60}] -A ${drop} -p tcp -m comment --comment "x" -j DROP`,
      ...others(count),
      'COMMIT',
      '',
    ].join('\n'),
    { backend, counted: true },
  ),
];
const counter = (packets: number) => ({ counter: { packets, bytes: packets * 60 } });
const xt = { xt: { type: 'match', name: 'comment' } };
/** What nft lists of the two chains that the packet enters. */
const listed = (packets: number, { handle = 8, counts = true, chains = ['FORWARD', 'c'], more = 0 } = {}): RuleSet =>
  ruleSetOf([
    { table: { family: 'ip', name: 'filter' } },
    ...chains.map((name, at) => ({ chain: { family: 'ip', table: 'filter', name, handle: at + 1 } })),
    {
      rule: {
        family: 'ip',
        table: 'filter',
        chain: 'FORWARD',
        handle: 7,
        expr: [counter(7), { jump: { target: 'c' } }],
      },
    },
    ...Array.from({ length: 1 + more }, (_, at) => ({
      rule: {
        family: 'ip',
        table: 'filter',
        chain: 'c',
        handle: handle + at,
        expr: [xt, ...(counts ? [counter(packets)] : []), { drop: null }],
      },
    })),
  ]);

const walked = (ruleSets: readonly RuleSet[]) => walkHook(ruleSets, anyTcp, 'FORWARD');
const proof = (before: RuleSet, after: RuleSet) => {
  const first = saved();
  const walk = walked(first);
  const wanted = chainsToRecount(first, [walk]) ?? [];
  const [from, to] = [recounted(first, wanted, [before]), recounted(first, wanted, [after])];
  if (!from || !to) return null;
  const {
    proof: said,
    rule,
    failed,
  } = proveByCounters({
    idle: from.first,
    before: from.now,
    after: to.now,
    packets: 3,
    length: 60,
    notFresh: null,
    notSeen: [],
    walk,
  });
  return { said, chain: rule?.chain, failed: failed.map(({ condition }) => condition) };
};

describe('which chains are counted again', () => {
  test('those that the dropped packet enters, in a large rule set', () => {
    const wanted = chainsToRecount(saved(), [walked(saved())]) ?? [];
    expect(wanted.map(({ chain }) => chain).toSorted()).toEqual(['FORWARD', 'c']);
  });

  test.each<[string, readonly RuleSet[]]>([
    ['in a small rule set', saved({ count: 100 })],
    ['of legacy tables, of which nft lists none', saved({ backend: 'iptables-legacy' })],
    ['where the packet enters a large chain', saved({ drop: 'OTHERS' })],
  ])('everything is read again %s', (_, ruleSets) => {
    const walk = walked(ruleSets);
    expect(walk.decision).toBe('drop');
    expect(chainsToRecount(ruleSets, [walk])).toBeNull();
  });

  test('everything is read again where a policy ends the packet: nft does not list its counter', () => {
    const udp = walkHook(saved({}, 'DROP'), { ...anyTcp, protocol: 17 }, 'FORWARD');
    expect(udp.rule).toMatchObject({ chain: 'FORWARD', index: 0 });
    expect(chainsToRecount(saved({}, 'DROP'), [udp])).toBeNull();
  });
});

describe('a proof by chains that were counted again', () => {
  test('names the rule of the save that rose by what was sent', () => {
    expect(proof(listed(4), listed(7))).toEqual({ said: 'counter', chain: 'c', failed: [] });
  });

  test.each<[string, RuleSet, RuleSet, string[]]>([
    ['it rose while nothing was sent', listed(5), listed(8), ['idle-window']],
    ['it rose by more', listed(4), listed(8), ['rise']],
    ['the rule was written anew in between', listed(4), listed(7, { handle: 80 }), ['same-rule']],
    ['the counters of the chain fell', listed(2), listed(5), ['same-rule']],
    ['the rule does not count', listed(4, { counts: false }), listed(7, { counts: false }), ['rise']],
  ])('is none where %s', (_, before, after, conditions) => {
    const found = proof(before, after);
    expect(found?.said).toBe('inferred');
    expect(found?.failed).toEqual(expect.arrayContaining(conditions));
  });

  test.each<[string, RuleSet]>([
    ['a chain has more rules than before', listed(4, { more: 1 })],
    ['a chain is not among those listed', listed(4, { chains: ['FORWARD'] })],
  ])('is not made of a listing where %s', (_, other) => {
    expect(proof(other, other)).toBeNull();
  });
});
