import type { ConnectionTuple, TrackedConnection } from './connections.ts';
import { LookError } from './look-error.ts';

/** Tracked connections up to which a node lists them. A list reads the whole table: a million entries take 6 s. */
export const mostListed = 50_000;

/** `udp      17 29 [STATE] src=… dst=… …`; conntrack prints `-o extended` with the family before it. */
const entry = /^(?:ipv[46] +\d+ +)?([a-z][a-z0-9-]{0,19}) +\d+ +(?:(\d{1,10}) +)?(?:([A-Z][A-Z0-9_]{1,20}) +)?(?=src=)/;

/**
 * Parses what `conntrack -L` prints. Nothing printed is an answer: there is no such entry.
 * @throws LookError not-parsed
 */
export function parseConntrack(text: string): readonly TrackedConnection[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [head, protocol, expiresIn, state = null] = entry.exec(line) ?? [];
      const [original, reply, ...rest] = head === undefined ? [] : tuplesOf(line.slice(head.length).split(' '));
      if (protocol === undefined || !original || !reply || rest.length > 0)
        throw new LookError(
          'not-parsed',
          `conntrack -L printed a line of no known shape: ${line.slice(0, 120).trim()}`,
        );
      return {
        protocol,
        state,
        original,
        reply,
        answered: !line.includes(' [UNREPLIED] '),
        expiresIn: expiresIn === undefined ? null : Number(expiresIn),
      };
    });
}

/** Each tuple begins with `src=`; what stands behind the ports (`[ASSURED]`, `mark=0`, `use=1`) belongs to none. */
function tuplesOf(words: readonly string[]): readonly ConnectionTuple[] {
  const tuples: Record<string, string>[] = [];
  for (const word of words) {
    const [, key, value] = /^(src|dst|sport|dport)=([0-9a-fA-F.:]{1,45})$/.exec(word) ?? [];
    if (key === 'src') tuples.push({});
    const last = tuples.at(-1);
    if (key !== undefined && value !== undefined && last) last[key] ??= value;
  }
  return tuples.flatMap(({ src, dst, sport, dport }) =>
    src === undefined || dst === undefined
      ? []
      : [{ source: src, destination: dst, sourcePort: portOf(sport), destinationPort: portOf(dport) }],
  );
}

function portOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
