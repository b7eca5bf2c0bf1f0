import { own } from '../../model/own.ts';
import type { FilterRule } from '../../model/ruleset/rules.ts';
import { groupOptions, type Option, type OptionGroup } from '../iptables/rule-tokens.ts';

/**
 * Returns every text that Felix may have rendered for a saved iptables rule, as it enters the rule's tag. A save prints
 * a rule in iptables' own words and order. Felix's differ, and several spellings of Felix's may become one saved rule.
 * @returns without the leading `-A <chain> HASH `
 */
export function felixSpellings({ text }: Pick<FilterRule, 'text'>): string[] {
  const rule = groupOptions(text);
  if (!rule) return [];
  const comments = rule.groups
    .flatMap(({ module, options }) => (module === 'comment' ? options.map(({ args }) => args[0] ?? '') : []))
    .filter((comment) => !/^cali:[\w-]{16}$/.test(comment))
    .map((comment) => `-m comment --comment "${comment}"`);
  const { target } = rule;
  const targets = target
    ? combine(target.options.map(targetOption)).map((options) =>
        [target.goto ? '--goto' : '--jump', target.name, ...options].join(' '),
      )
    : [''];
  // Felix's rules for eBPF mode and others differ in a few words that a save prints alike.
  let variants: string[][] = [[]];
  for (const group of rule.groups) {
    if (group.module === 'comment') continue;
    const spelled = groupSpellings(group);
    // Felix never writes enough matches for more variants.
    if (variants.length * spelled.length > mostVariants) return [];
    variants = variants.flatMap((before) => spelled.map((one) => [...before, ...one]));
  }
  const orders = variants.flatMap((matches) => [matches, protocolFirst(matches), protocolLast(matches)]);
  return [
    ...new Set(
      orders.flatMap((matches) =>
        targets.map((one) => [...comments, ...matches, one].filter((part) => part !== '').join(' ')),
      ),
    ),
  ];
}

const mostVariants = 1000;

/** The rule of VXLAN's address rewriting names the protocol before the interface. */
function protocolFirst(matches: readonly string[]): string[] {
  const protocol = /^(?:! )?-p /;
  return [...matches.filter((match) => protocol.test(match)), ...matches.filter((match) => !protocol.test(match))];
}

/** A rule that rejects TCP in eBPF mode names the protocol behind the mark. */
function protocolLast(matches: readonly string[]): string[] {
  const protocol = /^(?:! )?-p /;
  return [...matches.filter((match) => !protocol.test(match)), ...matches.filter((match) => protocol.test(match))];
}

/** The spellings of one module's options, each a list of matches in order. */
function groupSpellings({ module, options }: OptionGroup): string[][] {
  if (module === '') return options.length > 8 ? [] : combine(options.map(baseSpellings));
  if (module === 'rpfilter') {
    const names = options.map(({ name }) => name);
    const order = ['invert', 'loose', 'validmark', 'accept-local'].filter((name) => names.includes(name));
    return [[`-m rpfilter ${order.map((name) => `--${name}`).join(' ')}`]];
  }
  if (module === 'mark') return combine(options.map(markSpellings)).map((marks) => [`-m mark ${marks.join(' ')}`]);
  const spelled = options.map((option) => plain(option, own(longNames, option.name) ?? option.name)).join(' ');
  if (module === 'conntrack' && spelled.endsWith('--ctstate RELATED,ESTABLISHED'))
    return [spelled, spelled.replace('RELATED,ESTABLISHED', 'ESTABLISHED,RELATED')].map((one) => [
      `-m conntrack ${one}`,
    ]);
  if (['tcp', 'udp', 'sctp'].includes(module)) return [[spelled], [`-m ${module} ${spelled}`]];
  return [[`-m ${module} ${spelled}`]];
}

const longNames: Readonly<Record<string, string>> = { dports: 'destination-ports', sports: 'source-ports' };
const protocolSpellings: Readonly<Record<string, readonly string[]>> = {
  ipencap: ['4'],
  icmp: ['icmp', '1'],
  tcp: ['tcp', '6'],
  udp: ['udp', '17'],
  'ipv6-icmp': ['ipv6-icmp', 'icmpv6', '58'],
  sctp: ['sctp', '132'],
  udplite: ['udplite', '136'],
};

function baseSpellings(option: Option): string[] {
  const value = option.args[0] ?? '';
  switch (option.name) {
    case 'p':
      return (own(protocolSpellings, value) ?? [value]).map(
        (protocol) => `${option.negated ? '! ' : ''}-p ${protocol}`,
      );
    case 'i':
      return [plain(option, 'in-interface')];
    case 'o':
      return [plain(option, 'out-interface')];
    case 's':
      return addressSpellings(option, 'source');
    case 'd':
      return addressSpellings(option, 'destination');
    default:
      return [plain(option, option.name)];
  }
}

/** A save writes no mask of all ones, which Felix writes in eBPF mode. */
function markSpellings(option: Option): string[] {
  const value = option.args[0] ?? '';
  const spelled = plain(option, option.name);
  return /^0x[0-9a-f]+$/.test(value) ? [spelled, `${spelled}/0xffffffff`] : [spelled];
}

/** A save writes every single address as a net. */
function addressSpellings(option: Option, name: string): string[] {
  const value = option.args[0] ?? '';
  const bare = value.replace(/\/(?:32|128)$/, '');
  return [...new Set([value, bare])].map((address) => plain({ ...option, args: [address] }, name));
}

function plain({ negated, args }: Option, name: string): string {
  return `${negated ? '! ' : ''}--${name}${args.map((arg) => ` ${shortZero(arg)}`).join('')}`;
}

/** A zero mark has no `0x` in Felix's words. */
function shortZero(argument: string): string {
  return argument.replace(/^0x0(?=\/0x)/, '0');
}

/** Clearing a mark is spelt `0/MASK`, setting one to nothing `0x0/MASK`. */
function targetOption({ name, args }: Option): string[] {
  if (name === 'set-xmark')
    return [...new Set([args.map(shortZero), args].map((mark) => `--set-mark ${mark.join(' ')}`))];
  if (name === 'log-prefix') return [`--log-prefix "${args[0] ?? ''}"`];
  return [[`--${name}`, ...args].join(' ')];
}

function combine(choices: readonly (readonly string[])[]): string[][] {
  return choices.reduce<string[][]>(
    (before, some) => before.flatMap((start) => some.map((one) => [...start, one])),
    [[]],
  );
}
