import { createHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical-json.ts';
import type { FixPlan } from '../model/fix.ts';

/** SHA-256 (hex) over the canonical JSON of a plan without its digest: what a person approves. */
export function digestOf(plan: Omit<FixPlan, 'digest'>): string {
  return createHash('sha256')
    .update(canonicalJson({ ...plan, digest: undefined }))
    .digest('hex');
}
