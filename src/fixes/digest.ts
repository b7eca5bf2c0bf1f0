import { createHash } from 'node:crypto';
import type { FixPlan } from '../model/fix.ts';

/** SHA-256 (hex) over the canonical JSON of a plan without its digest: what a person approves. */
export function digestOf(plan: Omit<FixPlan, 'digest'>): string {
  return createHash('sha256').update(canonicalJson({ ...plan, digest: undefined })).digest('hex');
}

/** JSON with the keys of every object in order and without undefined values, so that equal data has equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
