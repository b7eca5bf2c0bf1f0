import { parseChainDevices } from '../../../src/ruleset/nft/chain-devices.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { ownAddress, twinAddress } from './addresses.ts';
import { disagreement, sendAll } from './compare.ts';
import { type Network, run } from './network.ts';
import { type NftCase, type NftSlot, nftSets, nftSlots } from './nft-cases.ts';

type Numbered = NftCase & { readonly number: number };
const table = 'trial';

/**
 * As for iptables: all cases loaded at once into one inet table, every counter foretold. @returns one text a
 * disagreement
 */
export async function nftDisagreements(network: Network, batch: readonly NftCase[], first: number): Promise<string[]> {
  const numbered = batch.map((one, at) => ({
    ...one,
    number: first + at,
    packet: { ...one.packet, destination: ownAddress(one.way, first + at) },
  }));
  run(network.node, 'nft', ['-f', '-'], tableText(numbered));
  const listed = await listedAfter(network, sendAll(network, numbered));
  const devices = parseChainDevices(run(network.node, 'nft', ['list', 'chains']));
  run(network.node, 'nft', ['delete', 'table', 'inet', table]);
  const ruleSet = parseNftJson(listed, devices);
  return numbered.flatMap((one) => disagreement(one, ruleSet));
}

async function listedAfter(network: Network, packets: number): Promise<string> {
  const list = (): string => run(network.node, 'nft', ['-j', 'list', 'table', 'inet', table]);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const arrivals =
      parseNftJson(list()).tables[0]?.chains.find(({ name }) => name === 'arrivals')?.rules[0]?.counters?.packets ?? 0;
    if (arrivals >= packets) return list();
    if (Date.now() > deadline) throw new Error(`only ${arrivals} of ${packets} packets arrived at the node`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function tableText(batch: readonly Numbered[]): string {
  const bases = [
    ...new Map(
      Object.values(nftSlots)
        .flat()
        .map((slot) => [baseName(slot), slot]),
    ).values(),
  ];
  const own = batch.flatMap((one) =>
    one.slots.map(({ slot, chains }) => ({
      ...one,
      base: baseName(slot),
      chains,
      prefix: `c${one.number}-${baseName(slot)}-`,
    })),
  );
  const dispatch = (slot: NftSlot): string => {
    const entries = own
      .filter(({ base }) => base === baseName(slot))
      .flatMap(({ way, number, prefix }) =>
        [ownAddress(way, number), twinAddress(number)].map((address) => `${address} : jump ${prefix}0`),
      );
    return entries.length > 0 ? `ip daddr vmap { ${entries.join(', ')} }` : '';
  };
  return [
    `table inet ${table} {`,
    ...nftSets,
    ...own
      .flatMap(({ chains, prefix, number }) =>
        chains.map(
          (rules, at) =>
            `chain ${prefix}${at} {\n${rules.map((rule) => rule.replaceAll(/CHAIN(\d)/g, `${prefix}$1`).replaceAll('TWIN', twinAddress(number))).join('\n')}\n}`,
        ),
      )
      .toReversed(),
    'chain arrivals { type filter hook ingress device "cali0in" priority -400; ip saddr 10.50.0.0/24 counter; }',
    ...bases.map((slot) =>
      `chain ${baseName(slot)} { type ${slot.type} hook ${slot.hook}${slot.hook === 'ingress' ? ' device "cali0in"' : ''} priority ${slot.priority}; ${dispatch(slot)}; }`.replace(
        '; ; }',
        '; }',
      ),
    ),
    '}',
    '',
  ].join('\n');
}

function baseName({ hook, priority }: NftSlot): string {
  return `${hook}${priority < 0 ? 'm' : 'p'}${Math.abs(priority)}`;
}
