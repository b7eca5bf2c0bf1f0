/** The audit chain: records, each sealed with its number and with the seal of the one before it. */
import { sealProblem, type Seals, type SealState } from './seal.ts';

export interface AuditRecord {
  readonly version: 1;
  /** 1 for the first. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly record: Readonly<Record<string, unknown>>;
  /** Seal of the record before; empty for the first. */
  readonly previous: string;
  readonly seal: string;
}

/** Stands for the records up to `number`, which were taken out of the list to keep it short. */
export interface AuditCheckpoint {
  readonly version: 1;
  readonly number: number;
  /** Seal of the record of this number. */
  readonly last: string;
  readonly at: string;
  readonly seal: string;
}

/** The newest record that a machine wrote, kept on that machine. */
export interface AuditHead {
  readonly version: 1;
  readonly number: number;
  /** Seal of the record of this number. */
  readonly last: string;
  readonly seal: string;
}

export interface AuditHeads {
  newest(): Promise<AuditHead | null>;
  keep(head: AuditHead): Promise<void>;
}

export interface AuditReport {
  /** Records that are there. */
  readonly records: number;
  readonly first: number | null;
  readonly last: number | null;
  /** Number of the last record that was taken out to keep the list short. */
  readonly trimmedTo: number | null;
  /**
   * Number of the newest record that this machine wrote; null: it wrote none, so it cannot see that the end is missing.
   */
  readonly head: number | null;
  /** The first record that is not what or where it was; null: the chain is whole. */
  readonly broken: { readonly number: number; readonly why: string } | null;
}

export interface AuditLog {
  append(record: Readonly<Record<string, unknown>>): Promise<void>;
  verify(): Promise<AuditReport>;
  /** Id of the key that sealed the newest record, where it is not ours; null: ours, or there is no record. */
  otherKey(): Promise<string | null>;
  /** Oldest first. Records that are not of this form are left out. */
  trail(): Promise<readonly AuditRecord[]>;
  close(): Promise<void>;
}

export interface AuditChain {
  /** null: text that is no record. */
  readonly records: readonly (AuditRecord | null)[];
  /** `unreadable`: something stands there that is no checkpoint. */
  readonly checkpoint: AuditCheckpoint | 'unreadable' | null;
  readonly head: AuditHead | null;
}

export function sealRecord(seals: Seals, link: Omit<AuditRecord, 'seal'>): AuditRecord {
  return { ...link, seal: seals.seal('audit', link) };
}

export function sealCheckpoint(seals: Seals, checkpoint: Omit<AuditCheckpoint, 'seal'>): AuditCheckpoint {
  return { ...checkpoint, seal: seals.seal('audit-checkpoint', checkpoint) };
}

export function sealHead(seals: Seals, head: Omit<AuditHead, 'seal'>): AuditHead {
  return { ...head, seal: seals.seal('audit-head', head) };
}

/** Returns what a check of the whole chain found. */
export function checkChain(chain: AuditChain, seals: Seals): AuditReport {
  const { records, checkpoint, head } = chain;
  const numbers = records.flatMap((link) => (link ? [link.number] : []));
  return {
    records: records.length,
    first: numbers[0] ?? null,
    last: numbers.at(-1) ?? null,
    trimmedTo: checkpoint === null || checkpoint === 'unreadable' ? null : checkpoint.number,
    head: head?.number ?? null,
    broken: brokenRecord(chain, seals),
  };
}

function brokenRecord({ records, checkpoint, head }: AuditChain, seals: Seals): AuditReport['broken'] {
  if (checkpoint === 'unreadable') return { number: 1, why: 'the checkpoint before the first record cannot be read' };
  const problem = checkpoint && unsealed(seals, 'audit-checkpoint', checkpoint);
  if (checkpoint && problem) return { number: checkpoint.number, why: `the checkpoint ${problem}` };
  const lasts = new Map(checkpoint ? [[checkpoint.number, checkpoint.last]] : []);
  let expected = (checkpoint?.number ?? 0) + 1;
  let previous = checkpoint?.last ?? '';
  for (const link of records) {
    if (!link) return { number: expected, why: 'it cannot be read' };
    const altered = unsealed(seals, 'audit', link);
    if (altered) return { number: expected, why: `it ${altered}` };
    if (link.number !== expected)
      return {
        number: expected,
        why:
          link.number > expected
            ? `it is missing: record ${link.number} stands in its place`
            : `record ${link.number} stands in its place`,
      };
    if (link.previous !== previous) return { number: expected, why: 'it does not follow the record before it' };
    previous = link.seal;
    lasts.set(expected, previous);
    expected += 1;
  }
  return head && brokenHead(head, expected, lasts, seals);
}

/** What this machine wrote last has to be in the chain, or behind its checkpoint. */
function brokenHead(
  head: AuditHead,
  end: number,
  lasts: ReadonlyMap<number, string>,
  seals: Seals,
): AuditReport['broken'] {
  const problem = unsealed(seals, 'audit-head', head);
  if (problem) return { number: head.number, why: `the note that this machine keeps of it ${problem}` };
  if (head.number >= end)
    return {
      number: end,
      why: `it is missing: the chain ends before it, and this machine wrote up to record ${head.number}`,
    };
  const last = lasts.get(head.number);
  return last === undefined || last === head.last
    ? null
    : { number: head.number, why: 'it is not the record that this machine wrote' };
}

function unsealed(
  seals: Seals,
  purpose: 'audit' | 'audit-checkpoint' | 'audit-head',
  { seal, ...value }: { readonly seal: string },
): string | null {
  const state: SealState = seals.check(purpose, value, seal);
  return state === 'holds' ? null : sealProblem(state, seal, seals);
}

/** A report in one line. */
export function auditLine({ records, first, last, trimmedTo, head, broken }: AuditReport): string {
  if (broken) return `record ${broken.number}: ${broken.why}`;
  if (records === 0) return 'no records yet';
  const range = `${records} records, ${first} to ${last}`;
  const before = trimmedTo === null ? '' : `, a signed checkpoint stands for the records up to ${trimmedTo}`;
  const end =
    head === null ? '; this machine wrote none of them, so it cannot tell whether newer ones were removed' : '';
  return `${range}${before}${end}`;
}
