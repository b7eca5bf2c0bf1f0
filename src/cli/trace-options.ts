import { isIP } from 'node:net';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { CtState, NodeKnowledge, Packet } from '../model/ruleset/packet.ts';
import type { Hook } from '../model/ruleset/places.ts';
import { packetOf } from '../ruleset/walk/packet.ts';
import { formatOf, withFormat } from './command-options.ts';
import { examplesOf } from './examples.ts';
import type { Format } from './output.ts';
import { protocolNumber } from '../model/protocols.ts';

export interface TraceRequest {
  readonly rules: readonly string[];
  readonly sets: readonly string[];
  readonly hook: Hook;
  readonly packet: Packet;
  readonly node: NodeKnowledge;
  readonly format: Format;
}

/** What commander gives for the options below. */
interface Given {
  readonly rules: string[];
  readonly sets?: string[];
  readonly in?: string;
  readonly out?: string;
  readonly src: string;
  readonly dst: string;
  readonly proto: number;
  readonly sport?: number;
  readonly dport?: number;
  readonly icmpType?: number;
  readonly length?: number;
  readonly ctstate: CtState;
  readonly mark: number;
  readonly hook: Hook;
  readonly local?: string[];
  readonly reversePath?: 'valid' | 'invalid';
  readonly output: Format;
  readonly json: boolean;
}

/** The options of `trace`, for help and parsing; `--local` and `--reverse-path` tell what no save holds. */
export function traceOptions(): Command {
  const command = new Command('calico-chatops trace')
    .description('Walk one packet through saved packet filter rules and say what decides about it')
    .requiredOption(
      '--rules <file>',
      'iptables-save [-c] or nft -j list ruleset, - for standard input; repeat it for every backend of the node',
      collect,
    )
    .option('--sets <file>', 'ipset save', collect)
    .option('--in <interface>', 'input interface')
    .option('--out <interface>', 'output interface')
    .requiredOption('--src <address>', 'source address', address)
    .requiredOption('--dst <address>', 'destination address', address)
    .requiredOption('--proto <protocol>', 'tcp, udp, icmp or a number', protocol)
    .option('--sport <port>', 'source port', numberUpTo(65535))
    .option('--dport <port>', 'destination port', numberUpTo(65535))
    .option('--icmp-type <type>', 'ICMP type (default: 8, an echo request)', numberUpTo(255))
    .option('--length <bytes>', 'IP length of the packet', numberUpTo(65535))
    .addOption(
      new Option('--ctstate <state>', 'its conntrack state')
        .choices(['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'])
        .default('NEW'),
    )
    .option('--mark <hex>', 'its packet mark at the start', hexadecimal, 0)
    .addOption(
      new Option('--hook <hook>', 'the netfilter hook')
        .choices(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])
        .makeOptionMandatory(),
    )
    .option('--local <address[@interface]>', "one of the node's own addresses; repeat it for all of them", collect)
    .addOption(
      new Option('--reverse-path <answer>', 'does the reverse path lead to the input interface?').choices([
        'valid',
        'invalid',
      ]),
    )
    .addHelpText('after', `\nExample:\n  ${examplesOf('trace').join('\n  ')}`);
  return withFormat(command);
}

/** @throws CommanderError where the options are wrong, or help was asked for */
export function parseTraceOptions(
  argv: readonly string[],
  write: { readonly out: (text: string) => void; readonly err: (text: string) => void },
): TraceRequest {
  const command = traceOptions()
    .exitOverride()
    .configureOutput({ writeOut: write.out, writeErr: write.err })
    .allowExcessArguments(false);
  command.parse([...argv], { from: 'user' });
  const given = command.opts<Given>();
  if (isIP(given.src) !== isIP(given.dst)) fail(command, '--src and --dst are of different families');
  const ports = { sourcePort: given.sport ?? null, destinationPort: given.dport ?? null };
  const packet = packetOf({
    source: given.src,
    destination: given.dst,
    protocol: given.proto,
    ...ports,
    ctState: given.ctstate,
    mark: given.mark,
    inInterface: given.in ?? null,
    outInterface: given.out ?? null,
    length: given.length ?? null,
    ...(given.icmpType === undefined ? {} : { icmpType: given.icmpType }),
  });
  const node: NodeKnowledge = {
    localAddresses:
      (given.local ?? []).length === 0 ? null : (given.local ?? []).map((text) => localAddress(command, text)),
    reversePath: given.reversePath ?? null,
  };
  return { rules: given.rules, sets: given.sets ?? [], hook: given.hook, packet, node, format: formatOf(given) };
}

function localAddress(command: Command, text: string): { address: string; interface: string | null } {
  const [, found = '', name] = /^([^@]+)(?:@(.+))?$/.exec(text) ?? [];
  if (isIP(found) === 0) fail(command, `"${text}" is not an address, nor address@interface`);
  return { address: found, interface: name ?? null };
}

function fail(command: Command, message: string): never {
  command.configureOutput().writeErr?.(`error: ${message}\n`);
  throw new CommanderError(1, 'trace.invalid', message);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function address(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('It is not an IP address.');
  return text;
}

function protocol(text: string): number {
  const number = protocolNumber(text);
  if (number === null || number > 255) throw new InvalidArgumentError('Give tcp, udp, icmp or a number.');
  return number;
}

function numberUpTo(most: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) > most) throw new InvalidArgumentError(`Give a number up to ${most}.`);
    return Number(text);
  };
}

function hexadecimal(text: string): number {
  if (!/^(?:0x)?[0-9a-f]{1,8}$/i.test(text))
    throw new InvalidArgumentError('Give up to 32 bits in hexadecimal, such as 0x10000.');
  return Number.parseInt(text.replace(/^0x/i, ''), 16);
}
