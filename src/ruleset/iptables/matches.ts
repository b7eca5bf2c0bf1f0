import { own } from '../../model/own.ts';
import type { AddressRange, Match, PortRange, SetDirection, Side } from '../../model/ruleset/matches.ts';
import { addressRange } from '../../model/addresses.ts';
import { protocolNumber } from '../../model/protocols.ts';
import { icmpNames } from '../icmp-names.ts';
import type { Option, OptionGroup } from './rule-tokens.ts';

/** Returns the conditions that one module's options put on a packet; none for comments. */
export function matchesOf(group: OptionGroup): Match[] {
  const reader = own(modules, group.module);
  if (!reader)
    return [unknown(group.text, own(undecidable, group.module) ?? `the match "${group.module}" is not understood`)];
  return reader(group);
}

type Reader = (group: OptionGroup) => Match[];

const each =
  (read: (option: Option, group: OptionGroup) => Match | null): Reader =>
  (group) =>
    group.options.map((option) => read(option, group) ?? unknown(option.text, 'the option is not understood'));

const modules: Readonly<Record<string, Reader>> = {
  '': (group) => group.options.map(baseMatch),
  comment: () => [],
  tcp: each(transportMatch),
  udp: each(transportMatch),
  udplite: each(transportMatch),
  sctp: each(transportMatch),
  dccp: each(transportMatch),
  icmp: each(icmpMatch),
  icmp6: each(icmpMatch),
  multiport: each(multiportMatch),
  conntrack: each((option) =>
    option.name === 'ctstate' ? ctState(option) : unknown(option.text, 'only --ctstate of conntrack is understood'),
  ),
  state: each((option) => (option.name === 'state' ? ctState(option) : null)),
  mark: each((option) => (option.name === 'mark' ? markMatch('mark', option) : null)),
  connmark: each((option) => (option.name === 'mark' ? markMatch('connmark', option) : null)),
  set: setMatches,
  addrtype: addressTypes,
  iprange: each(addressRanges),
  rpfilter: reversePath,
  length: each((option) => (option.name === 'length' ? rangesMatch('length', option) : null)),
  ttl: each(ttlMatch),
  hl: each(ttlMatch),
  nfacct: () => [],
  recent: recentMatches,
};

/** Modules whose answer depends on state that is not in a save. */
const undecidable: Readonly<Record<string, string>> = {
  limit: 'how much of the limit is used is not in a save',
  hashlimit: 'how much of the limit is used is not in a save',
  statistic: 'it chooses packets at random or by count',
  random: 'it chooses packets at random',
  nth: 'it chooses packets by count',
  quota: 'how much of the quota is used is not in a save',
  owner: 'which process sent the packet is not known',
  cgroup: 'which process sent the packet is not known',
  socket: 'which sockets are open is not in a save',
  time: 'it depends on the time of day',
  connlimit: 'how many connections are open is not in a save',
  connbytes: 'how much the connection has sent is not in a save',
  connlabel: "the connection's labels are not in a save",
  physdev: 'the bridge port of the packet is not known',
  mac: "the packet's hardware address is not known",
  string: "the packet's content is not known",
  bpf: 'it runs a program on the packet',
  u32: "the packet's bytes are not known",
  dscp: "the packet's DSCP is not known",
  tos: "the packet's TOS is not known",
  ecn: "the packet's ECN bits are not known",
  helper: "the connection's helper is not known",
  policy: 'whether IPsec handles the packet is not known',
  realm: "the route's realm is not known",
  cpu: 'which processor handles the packet is not known',
  devgroup: "the interface's group is not known",
  pkttype: 'how the packet reached the link is not known',
  ipvs: 'the state of IPVS is not in a save',
};

function unknown(text: string, why: string): Match {
  return { kind: 'unknown', negated: false, text, why };
}

/** The condition of an option that belongs to no module. */
export function baseMatch(option: Option): Match {
  const { name, args, negated, text } = option;
  const value = args[0] ?? '';
  switch (name) {
    case 'p':
    case 'protocol': {
      const number = protocolNumber(value);
      if (number === null) return unknown(text, `the protocol "${value}" is not known`);
      if (number === 0) return { kind: 'constant', value: true, negated, text };
      return { kind: 'protocol', protocols: [number], negated, text };
    }
    case 's':
    case 'source':
      return addressMatch('source', option);
    case 'd':
    case 'destination':
      return addressMatch('destination', option);
    case 'i':
    case 'in-interface':
      return { kind: 'interface', side: 'in', names: [wildcard(value)], negated, text };
    case 'o':
    case 'out-interface':
      return { kind: 'interface', side: 'out', names: [wildcard(value)], negated, text };
    case 'f':
    case 'fragment':
      return { kind: 'fragment', negated, text };
    default:
      return unknown(text, 'the option is not understood');
  }
}

/** iptables' `cali+` is the model's `cali*`. */
function wildcard(name: string): string {
  return name.endsWith('+') ? `${name.slice(0, -1)}*` : name;
}

function addressMatch(side: Side, { args, negated, text }: Option): Match {
  const value = args[0] ?? '';
  const range = addressRange(value);
  if (range) return { kind: 'address', side, ranges: [range], negated, text };
  const [address, mask] = value.split('/');
  if (address && mask && addressRange(address) && addressRange(mask))
    return { kind: 'masked-address', side, address, mask, negated, text };
  return unknown(text, `"${value}" is not an address`);
}

function transportMatch(option: Option): Match | null {
  const { name, args, negated, text } = option;
  switch (name) {
    case 'sport':
    case 'source-port':
      return portMatch('source', option, args[0] ?? '');
    case 'dport':
    case 'destination-port':
      return portMatch('destination', option, args[0] ?? '');
    case 'tcp-flags':
      return { kind: 'tcp-flags', mask: flags(args[0]), set: flags(args[1]), negated, text };
    case 'syn':
      return { kind: 'tcp-flags', mask: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'], negated, text };
    default:
      return unknown(text, "this part of the packet's transport header is not known");
  }
}

function flags(list: string | undefined): string[] {
  if (list === undefined || list === 'NONE') return [];
  return list === 'ALL' ? ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] : list.split(',');
}

function multiportMatch(option: Option): Match | null {
  const list = option.args[0] ?? '';
  switch (option.name) {
    case 'sports':
    case 'source-ports':
      return portMatch('source', option, list);
    case 'dports':
    case 'destination-ports':
      return portMatch('destination', option, list);
    case 'ports':
      return portMatch('either', option, list);
    default:
      return null;
  }
}

function portMatch(side: Side | 'either', { negated, text }: Option, list: string): Match {
  const ranges = portRanges(list);
  return ranges ? { kind: 'port', side, ranges, negated, text } : unknown(text, `"${list}" is not a list of ports`);
}

/** `80`, `1000:2000`, `:1023`, `1024:` and comma lists of them. */
function portRanges(list: string): PortRange[] | null {
  const ranges = list.split(',').map(portRange);
  return ranges.every((range) => range !== null) ? ranges : null;
}

function portRange(text: string): PortRange | null {
  const found = /^(\d{0,10})(:?)(\d{0,10})$/.exec(text);
  if (!found || text === '' || text === ':') return null;
  const [, low = '', colon, high = ''] = found;
  const from = low === '' ? 0 : Number(low);
  return { from, to: colon === '' ? from : high === '' ? 65535 : Number(high) };
}

function rangesMatch(kind: 'length' | 'ttl', { args, negated, text }: Option): Match {
  const ranges = portRanges(args[0] ?? '');
  return ranges ? { kind, ranges, negated, text } : unknown(text, 'the range is not understood');
}

function ttlMatch({ name, args, negated, text }: Option): Match | null {
  const value = Number(args[0]);
  const range = own({ eq: [value, value], lt: [0, value - 1], gt: [value + 1, 255] }, name.replace(/^(?:ttl|hl)-/, ''));
  if (!range || !Number.isInteger(value)) return null;
  return { kind: 'ttl', ranges: [{ from: range[0] ?? 0, to: range[1] ?? 255 }], negated, text };
}

function icmpMatch({ args, negated, text }: Option): Match {
  const value = args[0] ?? '';
  const [type = '', code] = (own(icmpNames, value) ?? value).split('/');
  if (type === 'any' || type === '255') return { kind: 'constant', value: true, negated, text };
  if (!/^\d+$/.test(type)) return unknown(text, `the ICMP type "${value}" is not known`);
  const codes = code === undefined ? { from: 0, to: 255 } : { from: Number(code), to: Number(code) };
  return { kind: 'icmp', types: { from: Number(type), to: Number(type) }, codes, negated, text };
}

function ctState({ args, negated, text }: Option): Match {
  return { kind: 'ct-state', states: (args[0] ?? '').split(','), negated, text };
}

/** `0x10000/0x10000`; without a mask all bits count. */
function markMatch(kind: 'mark' | 'connmark', { args, negated, text }: Option): Match | null {
  const [value, mask] = (args[0] ?? '').split('/').map(Number);
  if (value === undefined || Number.isNaN(value) || (mask !== undefined && Number.isNaN(mask))) return null;
  return { kind, value: value >>> 0, mask: (mask ?? 0xffffffff) >>> 0, negated, text };
}

function setMatches({ options, text }: OptionGroup): Match[] {
  const others = options.filter(({ name }) => !['match-set', 'return-nomatch'].includes(name));
  if (others.length > 0) return [unknown(text, 'counters and timeouts of set elements are not followed')];
  const noMatch = options.some(({ name }) => name === 'return-nomatch');
  return options
    .filter(({ name }) => name === 'match-set')
    .map((option) => {
      const directions = (option.args[1] ?? '')
        .split(',')
        .filter((word): word is SetDirection => word === 'src' || word === 'dst');
      if (noMatch || directions.length === 0) return unknown(text, 'this way of asking a set is not understood');
      return { kind: 'set', set: option.args[0] ?? '', directions, negated: option.negated, text: option.text };
    });
}

function addressTypes({ options, text }: OptionGroup): Match[] {
  const limit = options.some(({ name }) => name === 'limit-iface-in')
    ? 'in'
    : options.some(({ name }) => name === 'limit-iface-out')
      ? 'out'
      : null;
  const types = options.filter(({ name }) => name === 'src-type' || name === 'dst-type');
  if (types.length === 0) return [unknown(text, 'no address type is named')];
  return types.map((option) => ({
    kind: 'address-type',
    side: option.name === 'src-type' ? 'source' : 'destination',
    types: (option.args[0] ?? '').split(','),
    limitInterface: limit,
    negated: option.negated,
    text: option.text,
  }));
}

function addressRanges({ name, args, negated, text }: Option): Match | null {
  const range: AddressRange | null = addressRange(args[0] ?? '');
  if (!range) return null;
  if (name === 'src-range') return { kind: 'address', side: 'source', ranges: [range], negated, text };
  if (name === 'dst-range') return { kind: 'address', side: 'destination', ranges: [range], negated, text };
  return null;
}

/** `--set` remembers the sender and always matches (net/netfilter/xt_recent.c); the other options ask the list. */
function recentMatches({ options, text }: OptionGroup): Match[] {
  const set = options.find(({ name }) => name === 'set');
  return set && !options.some(({ name }) => ['rcheck', 'update', 'remove'].includes(name))
    ? [{ kind: 'constant', value: true, negated: set.negated, text }]
    : [unknown(text, 'state of the recent list is not in a save')];
}

/** `--invert` asks for packets that fail the check. The caller knows the variants of the check itself. */
function reversePath({ options, text }: OptionGroup): Match[] {
  return [{ kind: 'reverse-path', negated: options.some(({ name }) => name === 'invert'), text }];
}
