import type { TrackedConnection } from '../../model/connections.ts';
import { LookError } from '../../model/look-error.ts';
import { own } from '../../model/own.ts';

/** `TCP CLIENT:PORT -> SERVICE:PORT -> POD:PORT  Active ago 4.18s SYN-SENT`; without translation, two addresses. */
const entry = new RegExp(
  String.raw`^([A-Z][A-Za-z0-9-]{1,12}) ([0-9.]{7,15}):(\d{1,5}) -> ([0-9.]{7,15}):(\d{1,5})` +
    String.raw`(?: -> ([0-9.]{7,15}):(\d{1,5}))? ([a-z ,0-9./]{0,120}?)(?: Age: \S{1,40})? Active ago (\S{1,40})` +
    String.raw`(?: (SYN-SENT|ESTABLISHED|CLOSED|RESET))?$`,
);

/**
 * Parses `conntrack dump`, as Calico's programs track connections. They print no time of expiry, and do not say whether
 * datagrams were answered.
 * @throws LookError not-parsed
 */
export function parseEbpfConnections(text: string): readonly TrackedConnection[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, protocol = '', source = '', from, to = '', goal, end = to, endPort = goal, , ago = '', said] =
        entry.exec(line) ?? [];
      const idleSeconds = secondsOf(ago);
      if (protocol === '' || idleSeconds === null)
        throw new LookError('not-parsed', `conntrack dump printed a line of no known shape: ${line.slice(0, 120)}`);
      const state = said?.replace('-', '_') ?? null;
      const [sourcePort, destinationPort] = [Number(from), Number(goal)];
      return {
        protocol: protocol.toLowerCase(),
        state,
        original: { source, destination: to, sourcePort, destinationPort },
        reply: { source: end, destination: source, sourcePort: Number(endPort), destinationPort: sourcePort },
        answered: state !== null && state !== 'SYN_SENT',
        expiresIn: null,
        idleSeconds,
      };
    });
}

const units: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, µs: 1e-6, ns: 1e-9 };

/** A duration as Go prints it: `1h2m3.5s`, `201.760714ms`. One below zero is none: clocks are read one by one. */
function secondsOf(text: string): number | null {
  const [whole, sign, hours = '0', minutes = '0', rest = '0', unit = 's'] =
    /^(-?)(?:(\d{1,7})h)?(?:(\d{1,2})m)?(\d{1,9}(?:\.\d{1,9})?)(s|ms|µs|ns)$/.exec(text) ?? [];
  if (whole === undefined) return null;
  return sign === '-' ? 0 : Number(hours) * 3600 + Number(minutes) * 60 + Number(rest) * (own(units, unit) ?? 0);
}
