import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { disagreements, type IptablesBackend } from './kernel/batch.ts';
import { cases } from './kernel/cases.ts';
import { type Network, openNetwork, run } from './kernel/network.ts';
import { makeSets } from './kernel/sets.ts';

const count = Number(process.env['RULESET_CASES'] ?? 500);
const seed = Number(process.env['RULESET_SEED'] ?? Date.now() % 2 ** 31);

// Random rules and a packet: what the walk foretells, the kernel's counters say. Needs root, for network namespaces.
describe('the walk and the kernel agree', () => {
  let network: Network;
  let sets: Readonly<Record<string, number>>;
  beforeAll(() => {
    network = openNetwork();
    sets = makeSets(network);
  });
  afterAll(() => network.close());

  test.each<IptablesBackend>(['legacy', 'nft'])(`${count} random cases on iptables-%s (RULESET_SEED=${seed})`, async (backend) => {
    const random = fc.sample(cases(sets), { numRuns: count, seed });
    const wrong: string[] = [];
    for (let at = 0; at < random.length; at += 50) {
      // Numbers of their own for each backend: both share conntrack.
      wrong.push(...(await disagreements(network, backend, random.slice(at, at + 50), at + (backend === 'nft' ? 30_000 : 0))));
    }
    run(network.node, `iptables-${backend}-restore`, [], ['raw', 'mangle', 'nat', 'filter'].map((table) => `*${table}\nCOMMIT\n`).join(''));
    expect(wrong.slice(0, 5).join('\n')).toBe('');
  }, 120_000);
});
