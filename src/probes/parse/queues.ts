import { LookError } from '../../model/look-error.ts';
import type { FilterHook, FilterList, Queue, TakingAction } from '../../model/queues.ts';

const queueLine = /^qdisc (\S+) (\S+) dev (\S+) (.*)$/;
const countLine = /^ Sent \d+ bytes \d+ pkts? \(dropped (\d+),/;

/**
 * Parses `tc -s qdisc show`: one line for each queue, then its counters.
 * @throws LookError not-parsed where a line of a queue has another form
 */
export function parseQueues(text: string): readonly Queue[] {
  const queues: Queue[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('qdisc ')) {
      const [, kind, handle, device, rest] = queueLine.exec(line) ?? [];
      if (kind === undefined || device === undefined || rest === undefined)
        throw new LookError('not-parsed', `tc prints a queue in another form: ${line.slice(0, 120)}`);
      const [place = ''] = /^(?:root|parent \S+|ingress_block \S+)/.exec(rest) ?? [];
      const text = `${kind} ${settingsOf(rest.slice(place.length))}`.trim();
      queues.push({ device, kind, key: `${handle} ${place}`, isRoot: place === 'root', text, dropped: 0 });
      continue;
    }
    const [, dropped] = countLine.exec(line) ?? [];
    const last = queues.at(-1);
    if (dropped !== undefined && last) queues[queues.length - 1] = { ...last, dropped: Number(dropped) };
  }
  return queues;
}

/** Without the number of references to it. */
function settingsOf(rest: string): string {
  return rest
    .trim()
    .replace(/^refcnt \d+ ?/, '')
    .trim();
}

const actionLine = /^\s+action order \d+: +(\S.*)$/;
const takenLine = /^\s+Sent \d+ bytes (\d+) pkts? \(dropped (\d+),/;

/** Parses `tc -s filter show dev DEVICE HOOK`. What does not take packets is passed over. */
export function parseFilters(text: string, device: string, hook: FilterHook): FilterList {
  const actions: TakingAction[] = [];
  const programs: string[] = [];
  let open: Omit<TakingAction, 'packets'> | null = null;
  for (const line of text.split('\n')) {
    const [, program] = / direct-action (?:\S{1,64} ){0,8}name (\S{1,64})/.exec(line) ?? [];
    if (program !== undefined) programs.push(program);
    const [, words] = actionLine.exec(line) ?? [];
    if (words !== undefined) open = takingAction(words.trim());
    const [, packets, dropped] = takenLine.exec(line) ?? [];
    if (packets === undefined || !open) continue;
    actions.push({ ...open, packets: Number(open.kind === 'drop' ? dropped : packets) });
    open = null;
  }
  return { device, hook, actions, programs: [...new Set(programs)] };
}

/** null: packets go on behind it. */
function takingAction(text: string): Omit<TakingAction, 'packets'> | null {
  const [, to] = /^mirred \((?:Egress|Ingress) Redirect to device ([^ )]+)\)/.exec(text) ?? [];
  if (to !== undefined) return { kind: 'redirect', to, text };
  return /\baction (?:drop|shot)\b/.test(text) || /^police\b.*\bdrop\b/.test(text)
    ? { kind: 'drop', to: null, text }
    : null;
}
