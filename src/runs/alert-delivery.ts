/** Deliveries of Alertmanager (webhook, version 4), read alert by alert, so that a bad one is refused alone. */
import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import { z } from 'zod';
import { ProgramError } from '../errors.ts';
import { onlyCluster } from '../model/known-clusters.ts';
import type { RunAlert } from '../model/runs.ts';

const labels = z.record(z.string(), z.string());
/** Unknown fields are let through: versions of Alertmanager add some. */
const deliverySchema = z.object({ version: z.literal('4'), groupKey: z.string(), alerts: z.array(z.unknown()) });

const alertSchema = z.object({
  status: z.enum(['firing', 'resolved']),
  labels,
  annotations: labels.default({}),
  // RFC 3339 with nanoseconds has at most 35 characters. The id of a run holds its time, and none before 1970.
  startsAt: z.iso
    .datetime({ offset: true })
    .max(40)
    .refine((at) => Date.parse(at) >= 0, { error: 'is before 1970' }),
  generatorURL: z.string().default(''),
  fingerprint: z.string().min(1),
});
export type Alert = z.infer<typeof alertSchema>;

/** How much of an alert's texts is kept, in characters. */
const longest = { name: 200, summary: 1000, severity: 40, address: 1000 } as const;

/** @throws ProgramError `invalid-alert` for a payload that is not a delivery */
export function readDelivery(payload: unknown): z.infer<typeof deliverySchema> {
  const parsed = deliverySchema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = `${issue?.path.slice(0, 4).join('.')} ${issue?.message}`;
  throw new ProgramError(
    'invalid-alert',
    `the body is not a delivery of Alertmanager, version 4: ${where}`.slice(0, 300),
  );
}

/** @returns the alert, or why it is not one */
export function readAlert(given: unknown): Alert | string {
  const parsed = alertSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.slice(0, 2).join('.').slice(0, 100);
  return `it is not an alert of Alertmanager: ${where} ${issue?.message}`;
}

/** Returns what is kept of an alert. @param more alerts of the same delivery that are over the limit */
export function keptAlert(alert: Alert, more: number): RunAlert {
  const { startsAt, annotations, labels: named } = alert;
  const summary = cut(annotations['summary'] ?? annotations['description'] ?? '', longest.summary);
  const others = more > 0 ? `and ${more} more alerts in the same delivery, not diagnosed` : '';
  return {
    fingerprint: fingerprintOf(alert),
    name: nameOf(alert),
    summary: [summary, others].filter((part) => part !== '').join(' '),
    startsAt,
    severity: named['severity'] ? cut(named['severity'], longest.severity) : null,
    runbook: firstAddress(annotations['runbook_url'], annotations['runbook']),
    graph: firstAddress(annotations['dashboard_url'], annotations['dashboard'], alert.generatorURL),
  };
}

/** `r-` and a ULID of the time at which the alert began, the same whenever it is delivered. */
export function runOf(groupKey: string, { fingerprint, startsAt }: Alert, cluster: string): string {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const hash = createHash('sha256')
    .update(JSON.stringify([groupKey, fingerprint, startsAt, ...partOf(cluster)]))
    .digest();
  const random = [...hash.subarray(0, 16)].map((byte) => digits[byte % 32]).join('');
  return `r-${encodeTime(Date.parse(startsAt), 10)}${random}`;
}

/** Two clusters may have alerts of the same labels, and so of the same fingerprint. */
export function partOf(cluster: string): readonly string[] {
  return cluster === onlyCluster ? [] : [cluster];
}

export function nameOf(alert: Alert): string {
  return cut(alert.labels['alertname'] ?? fingerprintOf(alert), longest.name);
}

/** Alertmanager's own are 16 hexadecimal digits. Any other is hashed: it becomes part of keys in the store. */
export function fingerprintOf({ fingerprint }: Pick<Alert, 'fingerprint'>): string {
  return /^[\w.-]{1,64}$/.test(fingerprint) ? fingerprint : digestOf(fingerprint);
}

/** Returns 32 hexadecimal digits that stand for texts of others in a key of the store. */
export function digestOf(...texts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(texts)).digest('hex').slice(0, 32);
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1).toWellFormed()}…` : text;
}

/** The first that a browser opens, and that a message can hold. */
function firstAddress(...addresses: readonly (string | undefined)[]): string | null {
  return (
    addresses.find(
      (address) =>
        address !== undefined &&
        address.length <= longest.address &&
        /^https?:\/\//.test(address) &&
        URL.canParse(address),
    ) ?? null
  );
}
