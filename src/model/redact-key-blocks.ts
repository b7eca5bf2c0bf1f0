const beginning = '-----BEGIN ';
const longestLabel = 64;
/** A key of 16,384 bits takes some 13 KB. */
const longestBlock = 32 * 1024;

/** What separates the lines of a key: in files, in JSON, and in JSON within JSON. */
const separator = /(?:\s|\\{1,4}[nr])*/y;
const header = /(?:Proc-Type|DEK-Info): ?[\w,-]{1,100}/y;
const base64 = /[A-Za-z0-9+/=]+/y;
/** Shorter words in a block without an end may be anything. */
const shortestLine = 32;

/**
 * Text without private keys in PEM form. A block is the lines that a key can have, up to its end: text that merely
 * begins like a key takes nothing with it. Of a key that is cut off, the full lines are taken.
 */
export function redactKeyBlocks(text: string): string {
  const parts: string[] = [];
  let taken = 0;
  for (let at = text.indexOf(beginning); at >= 0; at = text.indexOf(beginning, at + 1)) {
    if (at < taken) continue;
    const end = endOfBlock(text, at);
    if (end === null) continue;
    parts.push(text.slice(taken, at), '[redacted]');
    taken = end;
  }
  return taken === 0 ? text : `${parts.join('')}${text.slice(taken)}`;
}

function endOfBlock(text: string, at: number): number | null {
  const [heading, label = ''] =
    /^-----BEGIN ([A-Z0-9 ]{0,60})PRIVATE KEY-----/.exec(text.slice(at, at + beginning.length + longestLabel + 20)) ??
    [];
  if (heading === undefined) return null;
  const limit = at + longestBlock;
  const ending = `-----END ${label}PRIVATE KEY-----`;
  let end = at + heading.length;
  let full = end;
  while (end < limit) {
    const next = after(separator, text, end) ?? end;
    if (text.startsWith(ending, next)) return next + ending.length;
    const line = after(header, text, next) ?? after(base64, text, next);
    if (line === null) {
      if (next === text.length) full = next;
      break;
    }
    if (line - next >= shortestLine) full = line;
    end = line;
  }
  return full > at + heading.length ? full : null;
}

/** Where the match that begins at an index ends. */
function after(pattern: RegExp, text: string, index: number): number | null {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : null;
}
