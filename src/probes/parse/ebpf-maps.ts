import type { PodPrograms, ProgramCounters, ProgramDirection } from '../../model/ebpf-programs.ts';
import { LookError } from '../../model/look-error.ts';

/**
 * Parses `counters dump --iface=INTERFACE`: a table, then the name of its interface. Columns are the node's hooks:
 * EGRESS has what goes to the pod. A long name of a reason may go on in the next row.
 * @returns by the pod's direction; one without a program is not there
 * @throws LookError not-parsed where there is no table of that interface
 */
export function parseCounters(
  text: string,
  wanted: string,
): Readonly<Partial<Record<ProgramDirection, ProgramCounters>>> {
  const rows: { category: string; type: string; cells: readonly string[] }[] = [];
  for (const line of text.split('\n')) {
    const name = /^dumped (\S{1,40}) counters\.$/.exec(line.trim())?.[1];
    if (name === wanted) {
      const [egress, ingress] = [columnOf(rows, 0), columnOf(rows, 1)];
      return { ...(ingress && { ingress }), ...(egress && { egress }) };
    }
    if (name !== undefined) rows.length = 0;
    if (!line.startsWith('|')) continue;
    const [category = '', type = '', ...cells] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const last = rows.at(-1);
    if (cells.length > 0 && cells.every((cell) => cell === '') && last) last.type = `${last.type} ${type}`;
    else rows.push({ category: category || (last?.category ?? ''), type, cells });
  }
  throw new LookError('not-parsed', `the counters of ${wanted} were not printed`);
}

function columnOf(
  rows: readonly { readonly category: string; readonly type: string; readonly cells: readonly string[] }[],
  column: 0 | 1,
): ProgramCounters | null {
  const dropped: [string, number][] = [];
  let total: number | null = null;
  for (const { category, type, cells } of rows) {
    const cell = cells[column] ?? '';
    if (!/^\d{1,20}$/.test(cell)) continue;
    if (category === 'Dropped') dropped.push([type, Number(cell)]);
    if (category === 'Total') total = Number(cell);
  }
  return total === null ? null : { dropped: Object.fromEntries(dropped), total };
}

/** Parses `ifstate dump`: what Felix's programs know of one interface. */
export function parseState(text: string, wanted: string): { state: PodPrograms['state']; index: number | null } {
  const states = text.split('\n').flatMap((line) => {
    const [, index, flags, name] =
      /^ *(\d{1,10}) : \{flags: ([^ :]{0,100}), .{0,400}name: (\S{1,40})\}$/.exec(line) ?? [];
    return index !== undefined && flags !== undefined && name !== undefined ? [{ index, flags, name }] : [];
  });
  // A node has its loopback at least: an answer without any interface says nothing of this one.
  if (states.length === 0) return { state: 'unknown', index: null };
  const found = states.find(({ name }) => name === wanted);
  if (!found) return { state: 'absent', index: null };
  return { state: found.flags.split(',').includes('v4Ready') ? 'ready' : 'not-ready', index: Number(found.index) };
}

/** Parses `routes dump`: where the programs deliver packets to one address. @param index the interface's number */
export function parseDelivery(text: string, address: string, index: number | null): PodPrograms['delivery'] {
  const routes = text.split('\n').flatMap((line) => {
    const [, destination, words] = /^ *([0-9.]{7,15}\/\d{1,2}): (.{1,200})$/.exec(line) ?? [];
    return destination !== undefined && words !== undefined ? [{ destination, words: words.split(' ') }] : [];
  });
  if (routes.length === 0) return 'unknown';
  const own = routes.find(({ destination }) => destination === `${address}/32`);
  if (!own?.words.includes('local') || !own.words.includes('workload')) return 'absent';
  const to = own.words[own.words.indexOf('idx') + 1];
  return index === null ? 'unknown' : Number(to) === index ? 'interface' : 'other';
}

/**
 * Parses `bpftool net show`: which programs of Felix are attached to an interface, by the pod's direction. Old bpftools
 * see no TCX: where none of Felix's programs is seen on any interface, nothing is known.
 */
export function parseAttached(text: string, wanted: string): PodPrograms['attached'] {
  const felixs = text.split('\n').flatMap((line) => {
    const [, device, kind, hook] = /^(\S{1,40})\(\d{1,10}\) ([a-z]{1,10})\/(\S{1,20}) cali_tc_/.exec(line) ?? [];
    return device !== undefined && kind !== undefined && hook !== undefined ? [{ device, kind, hook }] : [];
  });
  if (felixs.length === 0) return { ingress: 'unknown', egress: 'unknown' };
  // A netkit device has hooks of its own: what the pod sends meets that of the pod's end.
  const has = (wantedHook: string) =>
    felixs.some(({ device, kind, hook }) => device === wanted && (hook === wantedHook || kind === 'netkit'))
      ? 'yes'
      : 'no';
  return { ingress: has('egress'), egress: has('ingress') };
}
