import type { Packet, RuleSet } from '../../../src/model/ruleset.ts';
import { parseIpset } from '../../../src/ruleset/ipset.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables-save.ts';
import type { Stage } from '../../../src/ruleset/walk.ts';
import { delivered, forwarded, sent, walkFlow } from '../../../src/ruleset/walk-hook.ts';
import type { Case, Way } from './cases.ts';
import { type Network, run, sendPackets } from './network.ts';
import { rawPacket } from './raw-packet.ts';

export type IptablesBackend = 'legacy' | 'nft';

const stages: Readonly<Record<Way, readonly Stage[]>> = { forwarded: forwarded('cali0in', 'tunl9'), delivered: delivered('cali0in'), sent: sent('tunl9') };
const tables = { raw: ['PREROUTING', 'OUTPUT'], mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'], nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'], filter: ['INPUT', 'FORWARD', 'OUTPUT'] } as const;
const arrival = '-m comment --comment arrivals';

/**
 * Loads all cases at once, sends each its packet, and compares every rule's counter with the walk's own count.
 * @param first number of the first case; every case of a run has a number, and so addresses, of its own
 * @returns one text a disagreement
 */
export async function disagreements(network: Network, backend: IptablesBackend, batch: readonly Case[], first: number): Promise<string[]> {
  const numbered = batch.map((one, at) => ({ ...one, number: first + at, packet: { ...one.packet, destination: ownAddress(one.way, first + at) } }));
  run(network.node, `iptables-${backend}-restore`, [], restoreText(numbered));
  const received = numbered.filter(({ way }) => way !== 'sent');
  sendPackets(network.sender, received.map(({ packet }) => ({ mark: 0, bytes: rawPacket(packet) })));
  sendPackets(network.node, numbered.filter(({ way }) => way === 'sent').map(({ packet }) => ({ mark: packet.mark, bytes: rawPacket(packet) })));
  const saved = await savedAfter(network, backend, received.length);
  const ruleSet: RuleSet = { ...parseIptablesSave(saved, { backend: `iptables-${backend}` }), sets: parseIpset(run(network.node, 'ipset', ['save'])).sets };
  return numbered.flatMap((one) => disagreement(one, ruleSet));
}

function disagreement({ way, packet, number }: Case & { readonly number: number }, ruleSet: RuleSet): string[] {
  const start: Packet = way === 'sent' ? { ...packet, outInterface: 'tunl9' } : packet;
  const localAddresses = [{ address: '10.50.255.1', interface: 'cali0in' }, { address: '10.60.0.1', interface: 'tunl9' }, ...(way === 'delivered' ? [{ address: packet.destination, interface: 'lo' }] : [])];
  const result = walkFlow([ruleSet], start, stages[way], { node: { localAddresses } });
  const expected = new Map<string, number>();
  for (const { table, chain, index } of result.trail) expected.set(`${table} ${chain} ${index}`, (expected.get(`${table} ${chain} ${index}`) ?? 0) + 1);
  const wrong = ruleSet.tables.flatMap((table) =>
    table.chains
      .filter(({ name }) => name.startsWith(`c${number}-`))
      .flatMap(({ name, rules }) =>
        rules.flatMap((rule) => {
          const foretold = expected.get(`${table.name} ${name} ${rule.index}`) ?? 0;
          return rule.counters?.packets === foretold ? [] : [`  ${table.name} ${rule.text}: counted ${rule.counters?.packets}, foretold ${foretold}`];
        }),
      ),
  );
  const doubts = result.uncertainties.map(({ rule, why }) => `  undecided: ${why} (${rule})`);
  if (wrong.length === 0 && doubts.length === 0) return [];
  const own = ruleSet.tables.flatMap(({ name, chains }) => chains.filter((chain) => chain.name.startsWith(`c${number}-`)).flatMap(({ rules }) => rules.map(({ text, counters }) => `    ${name} [${counters?.packets}] ${text}`)));
  return [[`case ${number} ${way} ${JSON.stringify(packet)}`, ...wrong, ...doubts, '  its rules:', ...own].join('\n')];
}

/** The save once every packet has arrived; what comes after its arrival at the first chain happens in the same breath. */
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
  return Object.entries(tables).flatMap(([table, hooks]) => {
    const used = batch.flatMap(({ way, number, slots }) => slots.filter(({ slot }) => slot.table === table).map(({ slot, chains }) => ({ slot, chains, way, number, prefix: `c${number}-${slot.hook.toLowerCase()}-` })));
    return [
      `*${table}`,
      ...hooks.map((hook) => `:${hook} ACCEPT [0:0]`),
      ...used.flatMap(({ chains, prefix }) => chains.map((_, at) => `:${prefix}${at} - [0:0]`)),
      ...(table === 'raw' ? [`-A PREROUTING -s 10.50.0.0/24 ${arrival}`] : []),
      ...used.flatMap(({ slot, prefix, way, number }) => [ownAddress(way, number), twinAddress(number)].map((address) => `-A ${slot.hook} -d ${address} -j ${prefix}0`)),
      ...used.flatMap(({ chains, prefix, number }) =>
        chains.flatMap((rules, at) => rules.map((rule) => `-A ${prefix}${at} ${rule.replaceAll(/CHAIN(\d)/g, `${prefix}$1`).replaceAll('TWIN', twinAddress(number))}`)),
      ),
      'COMMIT',
    ];
  }).join('\n').concat('\n');
}

/** Each case has a destination of its own, so that no two meet in conntrack or in each other's chains. */
function ownAddress(way: Way, number: number): string {
  return `10.${way === 'delivered' ? 97 : 99}.${number >> 8}.${number & 255}`;
}

/** Where its address rewriting leads. */
function twinAddress(number: number): string {
  return `10.98.${number >> 8}.${number & 255}`;
}
