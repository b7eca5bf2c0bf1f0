import * as fc from 'fast-check';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import type { Hook } from '../../../src/model/ruleset/places.ts';
import { packets, port, type Way } from './packets.ts';

interface Slot {
  readonly table: 'raw' | 'mangle' | 'nat' | 'filter';
  readonly hook: Hook;
}
/**
 * One packet and the chains that only it is shown to: `chains[i]` are the chains of slot i, each a list of rules
 * without `-A chain`.
 */
export interface Case {
  readonly way: Way;
  readonly packet: Packet;
  readonly slots: readonly { readonly slot: Slot; readonly chains: readonly (readonly string[])[] }[];
}

const slotsOf: Readonly<Record<Way, readonly Slot[]>> = {
  forwarded: [
    { table: 'raw', hook: 'PREROUTING' },
    { table: 'mangle', hook: 'PREROUTING' },
    { table: 'nat', hook: 'PREROUTING' },
    { table: 'mangle', hook: 'FORWARD' },
    { table: 'filter', hook: 'FORWARD' },
    { table: 'mangle', hook: 'POSTROUTING' },
    { table: 'nat', hook: 'POSTROUTING' },
  ],
  delivered: [
    { table: 'raw', hook: 'PREROUTING' },
    { table: 'mangle', hook: 'PREROUTING' },
    { table: 'mangle', hook: 'INPUT' },
    { table: 'filter', hook: 'INPUT' },
  ],
  sent: [
    { table: 'raw', hook: 'OUTPUT' },
    { table: 'mangle', hook: 'OUTPUT' },
    { table: 'nat', hook: 'OUTPUT' },
    { table: 'filter', hook: 'OUTPUT' },
    { table: 'mangle', hook: 'POSTROUTING' },
    { table: 'nat', hook: 'POSTROUTING' },
  ],
};

const pick = fc.constantFrom;
const not = fc.boolean().map((negated) => (negated ? '! ' : ''));
const marks = pick('0x1', '0x10000', '0x10001', '0x20000', '0x0');
const masks = pick('0x1', '0x10000', '0x30000', '0xffffffff');

const portList = fc.oneof(port.map(String), pick('1:100', '443:', '80:443', ':53'));
/** Multiport knows no open ends. */
const multiportList = fc.oneof(port.map(String), pick('1:100', '443:65535', '80:443', '0:53'));
/** @param sets names and dimensions of the sets that may be asked */
const general = (sets: Readonly<Record<string, number>>, hook: Hook): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(not, pick('10.50.0.0/30', '10.50.0.2/32', '10.50.0.0/16', '10.0.0.4/255.0.0.4'))
      .map(([no, net]) => `${no}-s ${net}`),
    fc.tuple(not, pick('10.97.0.0/16', '10.99.0.0/16', '10.98.0.0/15')).map(([no, net]) => `${no}-d ${net}`),
    // Whether a packet at POSTROUTING still knows where it came in depends on the kernel.
    fc
      .tuple(
        not,
        hook === 'POSTROUTING' ? fc.constant('-o') : pick('-i', '-o'),
        pick('cali+', 'cali0in', 'eth0', 'tunl+'),
      )
      .map(([no, side, name]) => `${no}${side} ${name}`),
    fc.tuple(not, marks, masks).map(([no, mark, mask]) => `-m mark ${no}--mark ${mark}/${mask}`),
    fc.tuple(not, marks, masks).map(([no, mark, mask]) => `-m connmark ${no}--mark ${mark}/${mask}`),
    fc
      .tuple(not, pick('NEW', 'INVALID', 'UNTRACKED', 'RELATED,ESTABLISHED', 'NEW,UNTRACKED'))
      .map(([no, states]) => `-m conntrack ${no}--ctstate ${states}`),
    fc.tuple(not, pick('DNAT', 'SNAT,NEW')).map(([no, states]) => `-m conntrack ${no}--ctstate ${states}`),
    fc
      .tuple(not, pick(...Object.keys(sets)), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 9 }))
      .map(([no, set, bits, short]) => {
        const dimensions = sets[set] ?? 1;
        const count = short === 0 && dimensions > 1 ? dimensions - 1 : dimensions;
        // As above: at POSTROUTING only the interface of exit is certain.
        const isOut = set === 's-net-iface' && hook === 'POSTROUTING';
        const directions = Array.from({ length: count }, (_, at) => ((bits >> at) & 1 || isOut ? 'dst' : 'src')).join(
          ',',
        );
        return `-m set ${no}--match-set ${set} ${directions}`;
      }),
    fc
      .tuple(not, pick('LOCAL', 'MULTICAST', 'LOCAL,MULTICAST'))
      .map(([no, type]) => `-m addrtype ${no}--dst-type ${type}`),
    fc
      .tuple(not, pick('10.50.0.2-10.50.0.3', '10.0.0.0-10.50.0.1'))
      .map(([no, range]) => `-m iprange ${no}--src-range ${range}`),
    fc.tuple(not, pick('0:60', '61:700', '28')).map(([no, range]) => `-m length ${no}--length ${range}`),
    pick('--ttl-lt 10', '--ttl-gt 10', '--ttl-eq 63', '! --ttl-eq 4').map((ttl) => `-m ttl ${ttl}`),
    fc.constant('-m comment --comment "a \\"quoted\\" word, and -j DROP"'),
  );
const tcp = fc.oneof(
  fc.tuple(not, pick('--dport', '--sport'), portList).map(([no, side, list]) => `-m tcp ${no}${side} ${list}`),
  fc
    .tuple(not, pick('--dports', '--sports', '--ports'), fc.uniqueArray(multiportList, { minLength: 1, maxLength: 3 }))
    .map(([no, side, list]) => `-m multiport ${no}${side} ${list.join(',')}`),
  fc
    .tuple(not, pick('SYN,RST,ACK,FIN SYN', 'SYN,ACK ACK', 'FIN,SYN FIN,SYN', 'ALL SYN'))
    .map(([no, tcpFlags]) => `-m tcp ${no}--tcp-flags ${tcpFlags}`),
);
const udp = fc
  .tuple(not, pick('--dport', '--sport'), portList)
  .map(([no, side, list]) => `-m udp ${no}${side} ${list}`);
const icmp = fc.tuple(not, pick('8', '13', 'any', '8/0', '0')).map(([no, type]) => `-m icmp ${no}--icmp-type ${type}`);
const byProtocol = fc.oneof(
  tcp.map((match) => `-p tcp ${match}`),
  udp.map((match) => `-p udp ${match}`),
  icmp.map((match) => `-p icmp ${match}`),
  fc.tuple(not, pick('tcp', 'udp', 'icmp', '4')).map(([no, protocol]) => `${no}-p ${protocol}`),
);
const matches = (sets: Readonly<Record<string, number>>, hook: Hook): fc.Arbitrary<string> =>
  fc
    .tuple(fc.option(byProtocol, { freq: 2, nil: '' }), fc.array(general(sets, hook), { maxLength: 2 }))
    .map(([protocol, rest]) => [protocol, ...onceEach(rest)].filter((match) => match !== '').join(' '));

/** An address or interface may be given once in a rule; a match of a module as often as one likes. */
function onceEach(options: readonly string[]): string[] {
  return options.filter((option, at) => options.findIndex((other) => flag(other) === flag(option)) === at);
}

function flag(option: string): string {
  return (/-[sdio] /.exec(option) ?? [option])[0];
}

const changes = fc.oneof(
  fc.tuple(pick('set-xmark', 'set-mark'), marks, masks).map(([how, mark, mask]) => `-j MARK --${how} ${mark}/${mask}`),
  fc.tuple(pick('and-mark', 'or-mark', 'xor-mark'), marks).map(([how, mark]) => `-j MARK --${how} ${mark}`),
  fc.tuple(marks, masks).map(([mark, mask]) => `-j CONNMARK --set-xmark ${mark}/${mask}`),
  masks.map((mask) => `-j CONNMARK --save-mark --nfmask ${mask} --ctmask ${mask}`),
  masks.map((mask) => `-j CONNMARK --restore-mark --nfmask ${mask} --ctmask 0x30000`),
  pick('', '-j NFLOG'),
);

/** Targets for a chain of a slot; `next` are the chains that it may still jump to. */
function target(slot: Slot, next: readonly string[]): fc.Arbitrary<string> {
  const ends = slot.table === 'nat' ? ['-j ACCEPT', '-j RETURN'] : ['-j ACCEPT', '-j DROP', '-j RETURN'];
  const own: string[] = [];
  if (slot.table === 'filter')
    own.push('-j REJECT --reject-with icmp-host-prohibited', '-j REJECT --reject-with icmp-port-unreachable');
  if (slot.table === 'raw') own.push('-j CT --notrack');
  if (slot.table === 'mangle') own.push('-j TTL --ttl-set 1', '-j TTL --ttl-inc 9', '-j TTL --ttl-dec 4');
  if (slot.table === 'nat')
    own.push(...(slot.hook === 'POSTROUTING' ? ['-j SNAT --to-source 10.60.0.9'] : ['-j DNAT --to-destination TWIN']));
  const jumps = next.flatMap((chain) => [`-j ${chain}`, `-g ${chain}`]);
  return fc.oneof(
    { weight: 3, arbitrary: pick(...ends, ...own) },
    { weight: 3, arbitrary: changes },
    ...(jumps.length > 0 ? [{ weight: 3, arbitrary: pick(...jumps) }] : []),
  );
}

function chainsOf(slot: Slot, sets: Readonly<Record<string, number>>): fc.Arbitrary<string[][]> {
  const chain = (at: number, count: number): fc.Arbitrary<string[]> => {
    const next = Array.from({ length: count - at - 1 }, (_, step) => `CHAIN${at + step + 1}`);
    return fc
      .array(fc.tuple(matches(sets, slot.hook), target(slot, next)), { minLength: 1, maxLength: 5 })
      .map((rules) => rules.map(([asks, does]) => `${asks} ${does}`.trim()));
  };
  return fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => chain(at, count))));
}

/** @param sets names and dimensions of the sets that rules may ask */
export function cases(sets: Readonly<Record<string, number>>): fc.Arbitrary<Case> {
  return pick<Way>('forwarded', 'delivered', 'sent').chain((way) =>
    fc.record({
      way: fc.constant(way),
      packet: packets(way),
      slots: fc
        .tuple(
          ...slotsOf[way].map((slot) =>
            fc
              .tuple(fc.integer({ min: 0, max: 9 }), chainsOf(slot, sets))
              .map(([dice, chains]) => ({ slot, chains, used: slot.table === 'filter' || dice < 4 })),
          ),
        )
        .map((slots) => slots.filter(({ used }) => used)),
    }),
  );
}
