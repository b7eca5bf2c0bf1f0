import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { disagreements, type IptablesBackend } from './kernel/batch.ts';
import { cases } from './kernel/cases.ts';
import { type Network, openNetwork, run } from './kernel/network.ts';
import { nftDisagreements } from './kernel/nft-batch.ts';
import { nftCases } from './kernel/nft-cases.ts';
import { makeSets } from './kernel/sets.ts';

const count = Number(process.env['RULESET_CASES'] ?? 500);
const seed = Number(process.env['RULESET_SEED'] ?? Date.now() % 2 ** 31);

/** @param first number of the first case; the backends share conntrack, so each has numbers of its own */
async function tryAll<T>(
  all: readonly T[],
  first: number,
  judge: (batch: readonly T[], number: number) => Promise<string[]>,
): Promise<void> {
  const wrong: string[] = [];
  for (let at = 0; at < all.length; at += 50) wrong.push(...(await judge(all.slice(at, at + 50), first + at)));
  expect(all).toHaveLength(count);
  expect(wrong.slice(0, 5).join('\n')).toBe('');
}

// Random rules and a packet: what the walk foretells, the kernel's counters say. Needs root, for network namespaces.
describe(`the walk and the kernel agree on ${count} random cases (RULESET_SEED=${seed})`, () => {
  let network: Network;
  let sets: Readonly<Record<string, number>>;
  beforeAll(() => {
    network = openNetwork();
    sets = makeSets(network);
  });
  afterAll(() => network.close());

  test.each<[IptablesBackend, number]>([
    ['legacy', 0],
    ['nft', 20_000],
  ])(
    'iptables-%s',
    async (backend, first) => {
      await tryAll(fc.sample(cases(sets), { numRuns: count, seed }), first, (batch, number) =>
        disagreements(network, backend, batch, number),
      );
      run(
        network.node,
        `iptables-${backend}-restore`,
        [],
        ['raw', 'mangle', 'nat', 'filter'].map((table) => `*${table}\nCOMMIT\n`).join(''),
      );
    },
    120_000,
  );

  test('nftables', async () => {
    await tryAll(fc.sample(nftCases, { numRuns: count, seed }), 40_000, (batch, number) =>
      nftDisagreements(network, batch, number),
    );
  }, 120_000);
});
