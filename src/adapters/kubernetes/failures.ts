import * as z from 'zod';

const statusSchema = z.object({ reason: z.string().optional(), message: z.string().optional() });
const longest = 300;

/** Why the server said no: reason and message of its Status, or its text; never more than a line. */
export function statusReason(status: number, body: string): string {
  const parsed = statusSchema.safeParse(jsonOrNull(body));
  const { reason, message } = parsed.success ? parsed.data : {};
  const words = [reason, message].filter((part) => part !== undefined && part !== '').join(': ') || body.trim();
  return `${status} ${words}`.replaceAll(/\s+/g, ' ').slice(0, longest).trim();
}

/** Why there was no answer: the innermost cause that has a code, without headers or bodies. */
export function failureReason(error: unknown, timeoutMs: number): string {
  const chain: Error[] = [];
  for (let at: unknown = error; at instanceof Error && chain.length < 5; at = at.cause) chain.push(at);
  if (chain.some((one) => one.name === 'TimeoutError')) return `no answer within ${timeoutMs} ms`;
  const cause = chain.findLast((one) => 'code' in one && typeof one.code === 'string') ?? chain.at(-1);
  if (cause === undefined) return 'no answer';
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  const text = code === null || cause.message.includes(code) ? cause.message : `${code}: ${cause.message}`;
  return text.replaceAll(/\s+/g, ' ').slice(0, longest);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
