/** When the bound of a connection table may be doubled. Each condition is read to plan, and again to apply. */
import { grepConnectionRoom, grepKernelCounters } from '../../commands/grep.ts';
import { headConnections } from '../../commands/head.ts';
import type { FixContext, Readiness } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import {
  connectionBytes,
  isFull,
  leastLimit,
  mostPercentOfMemory,
  type ConntrackCounters,
} from '../../model/kernel-counters.ts';
import { parseKernelCounters } from '../../model/kernel-counter-files.ts';
import { LookError } from '../../model/look-error.ts';
import { refuse } from '../kit/conditions.ts';
import { run, said } from '../kit/on-node.ts';
import { printedLines } from '../kit/printed-lines.ts';

/** A connection table that is full. */
export interface FullTable {
  readonly limit: number;
  readonly wanted: number;
  /** Of memory that the added entries take at most. */
  readonly megabytes: number;
  /** Who has most of the entries, in words. */
  readonly talkers: string;
}

/** Entries that the kernel searches for each packet, on average: more make every packet slow. */
const mostInOneList = 8;
const idleMs = 2000;
const shownTalkers = 3;
/** @throws LookError where the node could not be asked, or does not say it */
export async function look(context: FixContext, input: OneNode): Promise<Readiness<FullTable>> {
  const { node } = input;
  const before = await countersNow(context, input);
  await context.clock.sleep(idleMs);
  const [now, room, talkers] = await Promise.all([
    countersNow(context, input),
    roomNow(context, input),
    talkersNow(context, input),
  ]);
  const { max: limit, count } = now;
  if (!isFull(now)) return { ready: 'done', why: `the connection table of ${node} has room: ${count} of ${limit}` };
  if (now.dropped <= before.dropped)
    return refuse(
      `the kernel of ${node} dropped no packet for want of room within ${idleMs / 1000} s`,
      `conntrack -S   # on ${node}: does drop still rise?`,
    );
  const wanted = limit * 2;
  const megabytes = Math.ceil((limit * connectionBytes) / 1_000_000);
  if (limit < leastLimit)
    return refuse(
      `${limit} is less than the kernel's usual bound: somebody set it on purpose`,
      `grep -r nf_conntrack_max /etc/sysctl.conf /etc/sysctl.d   # on ${node}`,
    );
  if (limit * connectionBytes > (room.availableBytes * mostPercentOfMemory) / 100)
    return refuse(
      `${limit} more entries take up to ${megabytes} MB, more than ${mostPercentOfMemory} % of the memory ` +
        `that ${node} has left`,
      `grep MemAvailable /proc/meminfo   # on ${node}`,
    );
  if (wanted > room.buckets * mostInOneList)
    return refuse(
      `${node} keeps tracked connections in ${room.buckets} lists, too few for ${wanted}: every packet would be slow`,
      `echo ${limit} > /sys/module/nf_conntrack/parameters/hashsize   # on ${node}, then raise nf_conntrack_max`,
    );
  return {
    ready: 'yes',
    conditions: [
      { id: 'limit', description: `net.netfilter.nf_conntrack_max of ${node}`, value: String(limit) },
      { id: 'full', description: 'the table is full, and the kernel drops packets for want of room', value: 'yes' },
      { id: 'memory', description: 'share of the memory that is left, at most', value: `${mostPercentOfMemory} %` },
      { id: 'lists', description: 'lists in which the kernel keeps the entries', value: String(room.buckets) },
    ],
    found: { limit, wanted, megabytes, talkers },
  };
}

/** @throws LookError as `look` */
export async function limitNow(context: FixContext, input: OneNode): Promise<number> {
  return (await countersNow(context, input)).max;
}

async function countersNow(context: FixContext, input: OneNode): Promise<ConntrackCounters> {
  const read = await run(context, input, grepKernelCounters);
  const { conntrack } = parseKernelCounters(read.truncated ? '' : read.stdout);
  if (conntrack !== null) return conntrack;
  throw new LookError('not-parsed', `${input.node} does not say how many connections it tracks: ${said(read)}`);
}

async function roomNow(context: FixContext, input: OneNode) {
  const text = (await printedLines(context, input, grepConnectionRoom)).join('\n');
  const [, kilobytes] = /^\/proc\/meminfo:MemAvailable: {1,20}(\d{1,12}) kB$/m.exec(text) ?? [];
  const [, buckets] = /nf_conntrack_buckets:(\d{1,9})$/m.exec(text) ?? [];
  if (kilobytes === undefined || buckets === undefined)
    throw new LookError('not-parsed', `${input.node} does not say how much memory and how many lists it has`);
  return { availableBytes: Number(kilobytes) * 1024, buckets: Number(buckets) };
}

/** By the first source of an entry: who opened the connection. */
async function talkersNow(context: FixContext, input: OneNode): Promise<string> {
  const lines = await printedLines(context, input, headConnections);
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [, source] = / src=([0-9a-f.:]{2,45}) /.exec(line) ?? [];
    if (source !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  if (counts.size === 0) throw new LookError('not-parsed', `${input.node} prints no entry of its connection table`);
  const first = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, shownTalkers);
  return first.map(([source, count]) => `${source} (${Math.round((100 * count) / lines.length)} %)`).join(', ');
}
