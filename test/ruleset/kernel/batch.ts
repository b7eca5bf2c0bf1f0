import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIpset } from '../../../src/ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { ownAddress, twinAddress } from './addresses.ts';
import type { Case } from './cases.ts';
import { disagreement, sendAll } from './compare.ts';
import { type Network, run } from './network.ts';

export type IptablesBackend = 'legacy' | 'nft';

const tables = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const;
const arrival = '-m comment --comment arrivals';

/**
 * Loads all cases at once, sends each its packet, and compares every rule's counter with the walk's own count.
 * @param first number of the first case; every case of a run has a number, and so addresses, of its own
 * @returns one text a disagreement
 */
export async function disagreements(
  network: Network,
  backend: IptablesBackend,
  batch: readonly Case[],
  first: number,
): Promise<string[]> {
  const numbered = batch.map((one, at) => ({
    ...one,
    number: first + at,
    packet: { ...one.packet, destination: ownAddress(one.way, first + at) },
  }));
  run(network.node, `iptables-${backend}-restore`, [], restoreText(numbered));
  const saved = await savedAfter(network, backend, sendAll(network, numbered));
  const ruleSet: RuleSet = {
    ...parseIptablesSave(saved, { backend: `iptables-${backend}` }),
    sets: parseIpset(run(network.node, 'ipset', ['save'])).sets,
  };
  return numbered.flatMap((one) => disagreement(one, ruleSet));
}

/**
 * The save once every packet has arrived; what comes after its arrival at the first chain happens in the same breath.
 */
async function savedAfter(network: Network, backend: IptablesBackend, packets: number): Promise<string> {
  const save = (): string => run(network.node, `iptables-${backend}-save`, ['-c']);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const arrived = Number(/^\[(\d+):\d+\] -A PREROUTING .*arrivals/m.exec(save())?.[1] ?? 0);
    if (arrived >= packets) return save();
    if (Date.now() > deadline) throw new Error(`only ${arrived} of ${packets} packets arrived at the node`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function restoreText(batch: readonly (Case & { readonly number: number })[]): string {
  return Object.entries(tables)
    .flatMap(([table, hooks]) => {
      const used = batch.flatMap(({ way, number, slots }) =>
        slots
          .filter(({ slot }) => slot.table === table)
          .map(({ slot, chains }) => ({ slot, chains, way, number, prefix: `c${number}-${slot.hook.toLowerCase()}-` })),
      );
      return [
        `*${table}`,
        ...hooks.map((hook) => `:${hook} ACCEPT [0:0]`),
        ...used.flatMap(({ chains, prefix }) => chains.map((_, at) => `:${prefix}${at} - [0:0]`)),
        ...(table === 'raw' ? [`-A PREROUTING -s 10.50.0.0/24 ${arrival}`] : []),
        ...used.flatMap(({ slot, prefix, way, number }) =>
          [ownAddress(way, number), twinAddress(number)].map(
            (address) => `-A ${slot.hook} -d ${address} -j ${prefix}0`,
          ),
        ),
        ...used.flatMap(({ chains, prefix, number }) =>
          chains.flatMap((rules, at) =>
            rules.map(
              (rule) =>
                `-A ${prefix}${at} ${rule.replaceAll(/CHAIN(\d)/g, `${prefix}$1`).replaceAll('TWIN', twinAddress(number))}`,
            ),
          ),
        ),
        'COMMIT',
      ];
    })
    .join('\n')
    .concat('\n');
}
