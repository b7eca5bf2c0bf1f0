import { describe, expect, test } from '@jest/globals';
import type { Json } from '../../../src/ruleset/nft/json.ts';
import { ruleSetOf } from '../../../src/ruleset/nft/listing.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { joinTable, perhapsNativeChains } from '../../../src/ruleset/joined/managed-table.ts';

const rule = (chain: string, at: number) => `-A ${chain} -s 198.18.${at >> 8}.${at & 255}/32 -j DROP`;
/** Chains of these sizes, of rules that nft may have written; the first is a base chain. */
const chainsOf = (sizes: readonly number[], match = rule) => {
  const names = sizes.map((_, at) => (at === 0 ? 'FORWARD' : `C${at}`));
  const lines = names.flatMap((name, chain) => Array.from({ length: sizes[chain] ?? 0 }, (_, at) => match(name, at)));
  const heads = names.map((name, at) => `:${name} ${at === 0 ? 'ACCEPT' : '-'} [0:0]`);
  const save = ['*filter', ...heads, ...lines, 'COMMIT', ''].join('\n');
  return perhapsNativeChains(parseIptablesSave(save, { backend: 'iptables-nft' }).tables[0]!);
};

describe('chains that are read by nft too', () => {
  test('are those in which a rule has no module of iptables', () => {
    expect(chainsOf([1, 2])).toEqual(['FORWARD', 'C1']);
    expect(chainsOf([1, 2], (chain) => `-A ${chain} -m comment --comment "x" -j DROP`)).toEqual([]);
    expect(chainsOf([0, 0])).toEqual([]);
  });

  test('are the base chain and the smallest, of many', () => {
    expect(chainsOf([1000, 500, 3, ...Array.from({ length: 200 }, () => 500)])).toEqual([
      'FORWARD',
      'C2',
      'C1',
      ...Array.from({ length: 2 }, (_, at) => `C${at + 3}`),
    ]);
  });

  test('are never large ones', () => {
    expect(chainsOf([3001, 3001, 3000])).toEqual(['C2']);
  });
});

/** The kinds of action of the chain that iptables printed so far, and nft whole. */
const joinedTo = (
  printed: readonly string[],
  unfinished: readonly string[],
  listed: readonly (readonly Json[])[],
): readonly (string | undefined)[] | undefined => {
  const heads = [':POSTROUTING ACCEPT [0:0]', ':cali-POSTROUTING - [0:0]'];
  const save = ['*mangle', ...heads, ...printed, 'COMMIT', ''].join('\n');
  const at = { family: 'ip', table: 'mangle' };
  const read = ruleSetOf([
    { table: { family: 'ip', name: 'mangle' } },
    {
      chain: {
        ...at,
        name: 'POSTROUTING',
        handle: 1,
        type: 'filter',
        hook: 'postrouting',
        prio: -150,
        policy: 'accept',
      },
    },
    ...listed.map((expr, place) => ({ rule: { ...at, chain: 'POSTROUTING', handle: place + 2, expr: [...expr] } })),
  ]);
  const saved = parseIptablesSave(save, { backend: 'iptables-nft' }).tables[0]!;
  const chain = joinTable({ family: 'ip', name: 'mangle' }, { saved, unfinished, listed: read.tables[0]!, leftOut: [] })
    .chains[0];
  return chain?.rules.map(({ actions: [action] }) => action?.kind);
};

describe('a chain that both readers printed', () => {
  const drop = '-A POSTROUTING -d 198.51.100.5/32 -j DROP';
  const jump = '-A POSTROUTING -m comment --comment "cali:x" -j cali-POSTROUTING';
  const listedDrop = {
    match: { op: '==', left: { payload: { protocol: 'ip', field: 'daddr' } }, right: '198.51.100.5' },
  };
  const ofDrop: readonly Json[] = [listedDrop, { drop: null }];
  const ofJump: readonly Json[] = [
    { xt: { type: 'match', name: 'comment' } },
    { jump: { target: 'cali-POSTROUTING' } },
  ];
  const joined = (...listed: readonly (readonly Json[])[]) => joinedTo([drop, jump], [], listed);

  test('has the rules of both', () => {
    expect(joined(ofDrop, ofJump)).toEqual(['drop', 'jump']);
  });

  test('of which iptables printed the first rules alone, has the rest from nft', () => {
    expect(joinedTo([drop], ['POSTROUTING'], [ofDrop, ofJump])).toEqual(['drop', 'jump']);
  });

  test('of which iptables printed the first rules alone, is as nft printed it where one was put before them', () => {
    expect(joinedTo([drop], ['POSTROUTING'], [ofJump, ofDrop])).toEqual(['jump', 'drop']);
    expect(joinedTo([drop, jump], ['POSTROUTING'], [ofJump])).toEqual(['jump']);
  });

  test('is as it was read first, where a rule moved in between: no rule stands twice, and none is lost', () => {
    expect(joined(ofJump, ofDrop)).toEqual(['drop', 'jump']);
  });
});
