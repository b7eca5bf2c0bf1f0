import type { ConntrackCounters, KernelCounters } from './kernel-counters.ts';

const folder = '/proc/sys/net/netfilter/';
const statistics = '/proc/net/stat/nf_conntrack:';
const protocols = '/proc/net/snmp:';

/** Parses `grep '' FILE…` of the kernel's counters: `FILE:LINE` each. A file that is not there leaves its part null. */
export function parseKernelCounters(text: string): KernelCounters {
  const lines = text.split('\n');
  return { conntrack: conntrackOf(lines), wrongChecksums: checksumsOf(linesOf(lines, protocols)) };
}

function linesOf(lines: readonly string[], file: string): readonly (readonly string[])[] {
  return lines.flatMap((line) => (line.startsWith(file) ? [line.slice(file.length).trim().split(/\s+/)] : []));
}

/** A heading with the names of the columns, then a line a processor, in hexadecimal. */
function conntrackOf(lines: readonly string[]): ConntrackCounters | null {
  const setting = (name: string) => Number.parseInt(linesOf(lines, `${folder}${name}:`)[0]?.[0] ?? '', 10);
  const [count, max] = [setting('nf_conntrack_count'), setting('nf_conntrack_max')];
  const established = setting('nf_conntrack_tcp_timeout_established');
  const [heading = [], ...processors] = linesOf(lines, statistics);
  const column = heading.indexOf('drop');
  if (Number.isNaN(count) || Number.isNaN(max) || column < 0) return null;
  const dropped = processors.reduce((sum, values) => sum + Number.parseInt(values[column] ?? '', 16), 0);
  if (Number.isNaN(dropped)) return null;
  return { count, max, dropped, ...(Number.isNaN(established) ? {} : { establishedSeconds: established }) };
}

/** Two lines a protocol: the names of its counters, and their values. */
function checksumsOf(lines: readonly (readonly string[])[]): KernelCounters['wrongChecksums'] {
  const [tcp, udp] = ['Tcp:', 'Udp:'].map((protocol) => {
    const [names = [], values = []] = lines.filter(([first]) => first === protocol);
    return Number.parseInt(values[names.indexOf('InCsumErrors')] ?? '', 10);
  });
  return tcp === undefined || udp === undefined || Number.isNaN(tcp) || Number.isNaN(udp) ? null : { tcp, udp };
}
