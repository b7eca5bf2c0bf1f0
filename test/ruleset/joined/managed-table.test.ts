import { describe, expect, test } from '@jest/globals';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { perhapsNativeChains } from '../../../src/ruleset/joined/managed-table.ts';

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
