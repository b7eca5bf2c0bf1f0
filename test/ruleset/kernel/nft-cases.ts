import * as fc from 'fast-check';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import { packets, type Way } from './packets.ts';

/** A base chain of the table under trial. */
export interface NftSlot {
  readonly hook: 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';
  readonly priority: number;
  readonly type: 'filter' | 'nat' | 'route';
}
/** As for iptables: chains that only this packet is shown to, each rule as nft reads it. */
export interface NftCase {
  readonly way: Way;
  readonly packet: Packet;
  readonly slots: readonly { readonly slot: NftSlot; readonly chains: readonly (readonly string[])[] }[];
}

export const nftSlots: Readonly<Record<Way, readonly NftSlot[]>> = {
  forwarded: [
    { hook: 'ingress', priority: 5, type: 'filter' },
    { hook: 'prerouting', priority: -300, type: 'filter' },
    { hook: 'prerouting', priority: -150, type: 'filter' },
    { hook: 'prerouting', priority: -100, type: 'nat' },
    { hook: 'forward', priority: 0, type: 'filter' },
    { hook: 'forward', priority: 10, type: 'filter' },
    { hook: 'postrouting', priority: 0, type: 'filter' },
    { hook: 'postrouting', priority: 110, type: 'nat' },
  ],
  delivered: [
    { hook: 'ingress', priority: 5, type: 'filter' },
    { hook: 'prerouting', priority: -300, type: 'filter' },
    { hook: 'prerouting', priority: -150, type: 'filter' },
    { hook: 'input', priority: -5, type: 'filter' },
    { hook: 'input', priority: 0, type: 'filter' },
  ],
  sent: [
    { hook: 'output', priority: -300, type: 'filter' },
    { hook: 'output', priority: -150, type: 'route' },
    { hook: 'output', priority: -100, type: 'nat' },
    { hook: 'output', priority: 0, type: 'filter' },
    { hook: 'postrouting', priority: 0, type: 'filter' },
  ],
};

/** Named sets of the table under trial. */
export const nftSets = [
  'set s-ip { type ipv4_addr; elements = { 10.50.0.1, 10.50.0.3 }; }',
  'set s-net { type ipv4_addr; flags interval; elements = { 10.50.0.0/30, 10.96.0.0-10.98.255.255 }; }',
  'set s-ip-port { type ipv4_addr . inet_proto . inet_service; elements = { 10.50.0.1 . tcp . 80, 10.50.0.2 . udp . 53 }; }',
  'set s-if { type ifname; elements = { "cali0in", "eth7" }; }',
];

const pick = fc.constantFrom;
const not = pick('', '', '!= ');
const port = pick('53', '80', '443', '8080', '1-100', '{ 53, 443 }', '{ 22, 80-90, 8080 }');
const mark = pick('0x1', '0x10000', '0x10001', '0x20000', '0x0');
const mask = pick('0x1', '0x10000', '0x30000');

const matches = (hook: NftSlot['hook']): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(
        pick('saddr', 'daddr'),
        not,
        pick(
          '10.50.0.0/30',
          '10.50.0.2',
          '10.99.0.0/16',
          '10.97.0.0/16',
          '{ 10.50.0.1, 10.50.0.4, 10.98.0.0/15 }',
          '10.50.0.2-10.50.0.3',
          '@s-ip',
          '@s-net',
        ),
      )
      .map(([side, no, net]) => `ip ${side} ${no}${net}`),
    pick(
      'ip saddr . meta l4proto . th dport @s-ip-port',
      'ip saddr . meta l4proto . th sport != @s-ip-port',
      'ip6 saddr fd00::/8',
      'ip6 saddr != fd00::1',
      'meta nfproto ipv4',
      'meta nfproto != ipv4',
    ),
    fc
      .tuple(pick('tcp', 'udp'), pick('dport', 'sport'), not, port)
      .map(([protocol, side, no, ports]) => `${protocol} ${side} ${no}${ports}`),
    fc
      .tuple(pick('tcp dport', 'udp sport'), pick('<', '>=', '<=', '>'), pick('80', '443'))
      .map(([field, op, value]) => `${field} ${op} ${value}`),
    fc
      .tuple(not, pick('tcp', 'udp', 'icmp', '{ tcp, udp }', '4'))
      .map(([no, protocol]) => `meta l4proto ${no}${protocol}`),
    fc.tuple(pick('ip protocol'), not, pick('tcp', 'icmp')).map((parts) => parts.join(' ')),
    fc
      .tuple(not, pick('echo-request', 'timestamp-request', 'echo-reply', '8'))
      .map(([no, type]) => `icmp type ${no}${type}`),
    // Whether a packet at postrouting still knows where it came in depends on the kernel.
    fc
      .tuple(
        hook === 'postrouting' ? fc.constant('oifname') : pick('iifname', 'oifname'),
        not,
        pick('"cali*"', '"cali0in"', '"tunl9"', '"eth0"', '{ "lo", "tunl9" }'),
      )
      .map(([side, no, name]) => `${side} ${no}${name}`),
    fc.constant(hook === 'postrouting' ? 'oifname @s-if' : 'iifname @s-if'),
    fc.tuple(mask, pick('==', '!='), mark).map(([bits, op, value]) => `meta mark & ${bits} ${op} ${value}`),
    fc.tuple(not, mark).map(([no, value]) => `meta mark ${no}${value}`),
    fc.tuple(mask, pick('==', '!='), mark).map(([bits, op, value]) => `ct mark & ${bits} ${op} ${value}`),
    fc
      .tuple(not, pick('new', 'invalid', 'untracked', 'established,related', '{ new, untracked }'))
      .map(([no, state]) => `ct state ${no}${state}`),
    fc.tuple(not, pick('dnat', 'snat')).map(([no, status]) => `ct status ${no}${status}`),
    fc
      .tuple(not, pick('syn', 'ack', 'syn | ack', '0x0'))
      .map(([no, flags]) => `tcp flags & (fin | syn | rst | ack) ${no === '' ? '==' : '!='} ${flags}`),
    // Before routing there is nothing to ask it.
    ...(hook === 'ingress'
      ? []
      : [fc.tuple(not, pick('local', 'multicast')).map(([no, type]) => `fib daddr type ${no}${type}`)]),
    fc.tuple(pick('ip length', 'meta length'), pick('<', '>'), pick('61', '100')).map((parts) => parts.join(' ')),
    fc.tuple(pick('<', '>', '=='), pick('10', '63')).map(([op, ttl]) => `ip ttl ${op} ${ttl}`),
  );

const change = fc.oneof(
  mark.map((value) => `meta mark set ${value}`),
  fc.tuple(pick('&', '|', '^'), mark).map(([op, value]) => `meta mark set meta mark ${op} ${value}`),
  fc.tuple(mark, mark).map(([bits, value]) => `meta mark set meta mark & ${bits} | ${value}`),
  pick('ct mark set mark', 'meta mark set ct mark', 'ct mark set 0x10000', 'log group 5', ''),
);

/** What a rule may do at the end; `next` are the chains that it may still jump to. */
function ending(slot: NftSlot, next: readonly string[]): fc.Arbitrary<string> {
  const ends = ['accept', 'return', 'continue', ...(slot.type === 'nat' ? [] : ['drop'])];
  if (
    slot.type === 'filter' &&
    (slot.hook === 'input' || slot.hook === 'forward' || (slot.hook === 'output' && slot.priority === 0))
  )
    ends.push('reject with icmpx type host-unreachable');
  if (slot.priority === -300) ends.push('notrack');
  if (slot.type === 'filter') ends.push('ip ttl set 1');
  if (slot.type === 'nat') ends.push(slot.hook === 'postrouting' ? 'snat ip to 10.60.0.9' : 'dnat ip to TWIN');
  const jumps = next.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`]);
  return fc.oneof(
    { weight: 3, arbitrary: pick(...ends) },
    { weight: 2, arbitrary: change },
    ...(jumps.length > 0 ? [{ weight: 3, arbitrary: pick(...jumps) }] : []),
  );
}

/** A verdict map stands for a rule's end; its values may jump. */
function verdictMap(slot: NftSlot, next: readonly string[]): fc.Arbitrary<string> {
  const verdict = pick(
    'accept',
    'return',
    'continue',
    ...next.flatMap((chain) => [`jump ${chain}`, `goto ${chain}`]),
    ...(slot.type === 'nat' ? [] : ['drop']),
  );
  return fc.oneof(
    fc.tuple(verdict, verdict).map(([a, b]) => `tcp dport vmap { 80 : ${a}, 400-500 : ${b} }`),
    fc.tuple(verdict, verdict).map(([a, b]) => `ct state vmap { new : ${a}, invalid : ${b} }`),
    fc.tuple(verdict, verdict).map(([a, b]) => `meta l4proto vmap { tcp : ${a}, icmp : ${b} }`),
    fc.tuple(verdict, verdict).map(([a, b]) => `oifname vmap { "tunl9" : ${a}, "eth0" : ${b} }`),
    fc
      .tuple(verdict, verdict)
      .map(([a, b]) => `ip saddr . tcp dport vmap { 10.50.0.1 . 80 : ${a}, 10.50.0.2 . 443 : ${b} }`),
  );
}

function chainsOf(slot: NftSlot): fc.Arbitrary<string[][]> {
  const chain = (at: number, count: number): fc.Arbitrary<string[]> => {
    const next = Array.from({ length: count - at - 1 }, (_, step) => `CHAIN${at + step + 1}`);
    const rule = fc.tuple(
      fc.array(matches(slot.hook), { maxLength: 2 }),
      fc.oneof(
        { weight: 4, arbitrary: fc.tuple(change, ending(slot, next)).map((does) => does.join(' ')) },
        { weight: 1, arbitrary: verdictMap(slot, next) },
      ),
    );
    return fc
      .array(rule, { minLength: 1, maxLength: 5 })
      .map((rules) => rules.map(([asks, does]) => `${agreeing(asks, does).join(' ')} counter ${does}`.trim()));
  };
  return fc
    .integer({ min: 1, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, at) => chain(at, count))));
}

/**
 * nft refuses a rule that names two protocols, or two families: the end stays, and the first match that goes with it.
 */
function agreeing(asks: readonly string[], end: string): string[] {
  const kept: string[] = [];
  for (const ask of asks) if ([end, ...kept].every((other) => !clash(ask, other))) kept.push(ask);
  return kept;
}

function clash(a: string, b: string): boolean {
  const transport = /\b(?:tcp|udp|icmp|l4proto|protocol|th)\b/;
  const ip6 = /\bip6\b|nfproto/;
  const network = /\bip6?\b|nfproto|icmp|fib|vmap/;
  // nft 1.0.6 lists two comparisons in one rule as a range that neither of them is.
  const comparison = / [<>]=? /;
  return (
    (comparison.test(a) && comparison.test(b)) ||
    (transport.test(a) && transport.test(b)) ||
    (ip6.test(a) && network.test(b)) ||
    (ip6.test(b) && network.test(a))
  );
}

export const nftCases: fc.Arbitrary<NftCase> = pick<Way>('forwarded', 'delivered', 'sent').chain((way) =>
  fc.record({
    way: fc.constant(way),
    packet: packets(way),
    slots: fc
      .tuple(
        ...nftSlots[way].map((slot) =>
          fc
            .tuple(fc.integer({ min: 0, max: 9 }), chainsOf(slot))
            .map(([dice, chains]) => ({ slot, chains, used: slot.priority === 0 || dice < 4 })),
        ),
      )
      .map((slots) => slots.filter(({ used }) => used)),
  }),
);
