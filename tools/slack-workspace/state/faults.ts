import { z } from 'zod';

/**
 * A fault to play. On a Web API method (also `response_url` and `files.upload`): `429` and `500` answer so,
 * `timeout` never answers and does nothing, `drop-answer` does the work and cuts the line,
 * `disconnect` cuts the line and does nothing. On `socket`: `disconnect` recycles open connections
 * (`abrupt`: without Slack's notice), `drop-answer` overlooks acknowledgements, `timeout` swallows envelopes.
 */
export const faultSchema = z.strictObject({
  method: z.string().min(1),
  kind: z.coerce.string().pipe(z.enum(['429', '500', 'timeout', 'drop-answer', 'disconnect'])),
  times: z.int().min(1).default(1),
  retry_after: z.int().min(0).default(1),
  abrupt: z.boolean().default(false),
});

/** See {@link faultSchema}. */
export type Fault = z.infer<typeof faultSchema>;

/** Faults still to be played. */
export interface Faults {
  add(fault: Fault): void;
  /** The fault for this call, if any; counts it as played. `*` stands for every Web API method. */
  take(method: string): Fault | null;
  pending(): Fault[];
  clear(): void;
}

/** Creates an empty list of faults; the one that was added first plays first. */
export function createFaults(): Faults {
  let pending: Fault[] = [];
  return {
    add: (fault) => void pending.push({ ...fault }),
    take(method) {
      const fault = pending.find((one) => one.method === method || (one.method === '*' && method !== 'socket'));
      if (!fault) return null;
      fault.times -= 1;
      pending = pending.filter((one) => one.times > 0);
      return fault;
    },
    pending: () => pending.map((fault) => ({ ...fault })),
    clear: () => void (pending = []),
  };
}
