import { bashEbpfCounts } from '../../commands/bash-ebpf.ts';
import type { Transcript } from '../../model/command.ts';
import type { PodPrograms, ProgramCounts } from '../../model/ebpf-programs.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import type { NodeLook } from '../../model/probe.ts';
import { outputOf } from './evidence.ts';
import { parseAttached, parseCounters, parseDelivery, parseState } from '../parse/ebpf-maps.ts';
import { parsePolicyDump } from '../parse/ebpf-policy.ts';
import { dumpOf } from '../parse/ebpf-sections.ts';

export const programCommands = [bashEbpfCounts] as const;
type CountCommand = (typeof programCommands)[number]['id'];

/** What is read of one pod's interface. */
export interface ProgramsQuestion {
  readonly node: string;
  readonly address: string;
  readonly link: Link;
}

/** @throws LookError where nothing could be read; a part that could not be read is among the `unread` */
export function readPrograms(transcript: Transcript, { node, address, link }: ProgramsQuestion): PodPrograms {
  const printed = printedDumps(transcript);
  const unread: string[] = [];
  const part: Part = (read, otherwise) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LookError)) throw error;
      unread.push(error.message);
      return otherwise;
    }
  };
  const counts = readCounts(transcript, link.name, part);
  const { state, index } = part(() => parseState(dumpOf(printed, 'states'), link.name), {
    state: 'unknown' as const,
    index: null,
  });
  const delivery = part(() => parseDelivery(dumpOf(printed, 'routes'), address, index), 'unknown' as const);
  const seen = part(() => parseAttached(dumpOf(printed, 'attached'), link.name), notKnown);
  return {
    ...counts,
    node,
    interface: link.name,
    index: link.index,
    address,
    // Not every bpftool that sees TCX sees the programs of a netkit device.
    attached: link.kind === 'netkit' && (seen.ingress === 'no' || seen.egress === 'no') ? notKnown : seen,
    state,
    delivery,
    otherVersion: otherVersion(
      part(() => dumpOf(printed, 'maps').split('\n'), []),
      unread,
    ),
    kubeProxies: part(() => dumpOf(printed, 'proxies').split('\n'), []).filter((line) => /^\d{1,10}$/.test(line)),
    unread,
  };
}

const notKnown: PodPrograms['attached'] = { ingress: 'unknown', egress: 'unknown' };

/** As the commands take it. */
export function interfaceIndex({ index }: Pick<Link, 'index'>): string {
  return index.toString(16);
}

/**
 * The output, with words of its own for what is not: the command's script says nothing to people.
 * @throws LookError
 */
export function printedDumps(transcript: Transcript): string {
  const { node, timedOut, truncated, exit, stderr } = transcript;
  const what = `Calico's dumps of its eBPF programs on ${node}`;
  if (timedOut) throw new LookError('timeout', `${what} did not end in time`);
  if (truncated) throw new LookError('output-too-large', `${what} are larger than may be read`);
  if (exit === notAsked)
    throw new LookError('not-supported', `${what} were not read: ${stderr.trim().split('\n').at(-1)?.slice(0, 200)}`);
  return outputOf(transcript);
}

/** The command's own exit status where there is nothing to ask. */
const notAsked = 3;

type Part = <T>(read: () => T, otherwise: T) => T;

/** A part that cannot be read costs no other. */
const alone: Part = (read, otherwise) => {
  try {
    return read();
  } catch (error) {
    if (error instanceof LookError) return otherwise;
    throw error;
  }
};

function readCounts(transcript: Transcript, device: string, part: Part): ProgramCounts {
  const printed = printedDumps(transcript);
  return {
    at: transcript.at,
    hooks: part(() => parsePolicyDump(dumpOf(printed, 'policy')), {}),
    counters: part(() => parseCounters(dumpOf(printed, 'counters'), device), {}),
  };
}

/**
 * The maps have their version in their names: where calico-node looks for one that is not there, and an older or newer
 * one is, another version of Felix made them.
 */
function otherVersion(maps: readonly string[], unread: readonly string[]): string | null {
  for (const why of unread) {
    const missing = /\/(cali_[a-z0-9_]{1,40}?)(\d{0,3}): no such file or directory/.exec(why);
    const [, name, version] = missing ?? [];
    if (name === undefined || maps.includes(`${name}${version}`)) continue;
    const other = maps.find((map) => map.startsWith(name) && /^\d{0,3}$/.test(map.slice(name.length)));
    if (other !== undefined) return `calico-node looks for ${name}${version}, and the node has ${other}`;
  }
  return null;
}

/** Reads again what packets change, each on its node. What cannot be read is not there. */
export async function readCounted(
  programs: readonly PodPrograms[],
  nodeOf: (name: string) => NodeLook<CountCommand>,
): Promise<readonly PodPrograms[]> {
  const read = await Promise.all(
    programs.map(async (one): Promise<readonly PodPrograms[]> => {
      try {
        const transcript = await nodeOf(one.node).run(bashEbpfCounts, { index: interfaceIndex(one) });
        return [{ ...one, ...readCounts(transcript, one.interface, alone) }];
      } catch (error) {
        if (error instanceof LookError) return [];
        throw error;
      }
    }),
  );
  return read.flat();
}
