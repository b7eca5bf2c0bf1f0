import type { Packet } from '../../../src/model/ruleset/packet.ts';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import type { Stage } from '../../../src/ruleset/walk/walk-state.ts';
import { delivered, forwarded, sent, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';
import { type Network, sendPackets } from './network.ts';
import type { Way } from './packets.ts';
import { rawPacket } from './raw-packet.ts';

export interface Sent {
  readonly way: Way;
  readonly packet: Packet;
  readonly number: number;
}

const stages: Readonly<Record<Way, readonly Stage[]>> = {
  forwarded: forwarded('cali0in', 'tunl9'),
  delivered: delivered('cali0in'),
  sent: sent('tunl9'),
};

/** @returns how many of the packets come to the node from outside */
export function sendAll(network: Network, cases: readonly Sent[]): number {
  const received = cases.filter(({ way }) => way !== 'sent');
  sendPackets(
    network.sender,
    received.map(({ packet }) => ({ mark: 0, bytes: rawPacket(packet) })),
  );
  sendPackets(
    network.node,
    cases.filter(({ way }) => way === 'sent').map(({ packet }) => ({ mark: packet.mark, bytes: rawPacket(packet) })),
  );
  return received.length;
}

/**
 * Compares the counters of the case's own chains (`c<number>-…`) with how often its walk met each rule.
 * @returns nothing, or one text with all that differs
 */
export function disagreement({ way, packet, number }: Sent, ruleSet: RuleSet): string[] {
  const start: Packet = way === 'sent' ? { ...packet, outInterface: 'tunl9' } : packet;
  const localAddresses = [
    { address: '10.50.255.1', interface: 'cali0in' },
    { address: '10.60.0.1', interface: 'tunl9' },
    ...(way === 'delivered' ? [{ address: packet.destination, interface: 'lo' }] : []),
  ];
  const result = walkFlow([ruleSet], start, stages[way], { node: { localAddresses } });
  const expected = new Map<string, number>();
  for (const { table, chain, index } of result.trail)
    expected.set(`${table} ${chain} ${index}`, (expected.get(`${table} ${chain} ${index}`) ?? 0) + 1);
  const own = ruleSet.tables.flatMap((table) =>
    table.chains
      .filter(({ name }) => name.startsWith(`c${number}-`))
      .flatMap((chain) => chain.rules.map((rule) => ({ place: `${table.name} ${chain.name} ${rule.index}`, rule }))),
  );
  const wrong = own.flatMap(({ place, rule }) => {
    const foretold = expected.get(place) ?? 0;
    return rule.counters?.packets === foretold
      ? []
      : [`  ${place}: counted ${rule.counters?.packets}, foretold ${foretold}: ${rule.text}`];
  });
  const doubts = result.uncertainties.map(({ rule, why }) => `  undecided: ${why} (${rule})`);
  if (wrong.length === 0 && doubts.length === 0) return [];
  return [
    [
      `case ${number} ${way} ${JSON.stringify(packet)}`,
      ...wrong,
      ...doubts,
      '  its rules:',
      ...own.map(({ place, rule }) => `    ${place} [${rule.counters?.packets}] ${rule.text}`),
    ].join('\n'),
  ];
}
