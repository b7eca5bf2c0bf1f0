import * as z from 'zod';
import { thrown, type Thrown } from '../thrown.ts';

const statusSchema = z.object({ reason: z.string().optional(), message: z.string().optional() });
const longest = 300;

/** Why the server said no: reason and message of its Status, or its text; never more than a line. */
export function statusReason(status: number, body: string): string {
  const parsed = statusSchema.safeParse(jsonOrNull(body));
  const { reason, message } = parsed.success ? parsed.data : {};
  const words = [reason, message].filter((part) => part !== undefined && part !== '').join(': ') || body.trim();
  return `${status} ${words}`.replaceAll(/\s+/g, ' ').slice(0, longest).trim();
}

const causes = (error: unknown): readonly Thrown[] => {
  const chain: Thrown[] = [];
  for (let at: unknown = error; at !== null && chain.length < 5; at = chain.at(-1)?.cause ?? null)
    chain.push(thrown(at));
  return chain;
};

/** Nothing came back within the time for it. */
export function isSilence(error: unknown): boolean {
  return causes(error).some(({ name }) => name === 'TimeoutError');
}

/**
 * The connection ended in the middle: a kept one that the server had just closed, a server that restarts, or one that
 * refused somebody (it ends the whole connection then).
 */
export function wasCutOff(error: unknown): boolean {
  return causes(error).some(
    ({ code, message }) =>
      code === 'ECONNRESET' ||
      code === 'EPIPE' ||
      code === 'UND_ERR_SOCKET' ||
      (code === 'UND_ERR_INFO' && (message ?? '').includes('GOAWAY')),
  );
}

/** Why there was no answer: the innermost cause that has a code, without headers or bodies. */
export function failureReason(error: unknown, timeoutMs: number): string {
  const chain = causes(error);
  if (isSilence(error)) return `no answer within ${timeoutMs} ms`;
  const { code = null, message = '' } = chain.findLast((one) => one.code !== null) ?? chain.at(-1) ?? {};
  const text = code === null || message.includes(code) ? message : `${code}: ${message}`;
  return text.replaceAll(/\s+/g, ' ').slice(0, longest);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
