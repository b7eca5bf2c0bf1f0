import type { Transcript } from '../../model/command.ts';
import type { KernelRoute, RouteError, WayAnswer } from '../../model/kernel-way.ts';

/** The kernel's words for its errors (strerror of the C library), as `ip` repeats them. */
const errors: readonly (readonly [words: string, error: RouteError])[] = [
  ['No route to host', 'no-route-to-host'],
  ['Network is unreachable', 'network-unreachable'],
  ['Invalid argument', 'invalid-argument'],
  ['Invalid cross-device link', 'cross-device'],
  ['Permission denied', 'permission-denied'],
];
const types: readonly KernelRoute['type'][] = ['unicast', 'local', 'broadcast', 'multicast', 'anycast'];

/**
 * Reads `ip route get`. A refusal of the kernel is an answer (exit 2 and `RTNETLINK answers: WORDS`); whatever else
 * went wrong is none.
 */
export function answerOfRouteGet(transcript: Transcript): WayAnswer {
  const { command, exit, stdout, stderr, timedOut, truncated } = transcript;
  if (timedOut) return none('timeout', `${command} did not end in time`);
  if (truncated) return none('output-too-large', `${command} printed more than may be read`);
  if (exit === 0) return parseRoute(stdout) ?? none('not-parsed', `${command} printed no route: ${shortened(stdout)}`);
  const words = /^(?:RTNETLINK answers|Error): (.+)$/m.exec(stderr)?.[1]?.replace(/\.$/, '').trim();
  const error = errors.find(([known]) => words?.startsWith(known) === true)?.[1];
  if (exit === 2 && error && words !== undefined) return { kind: 'refused', error, words };
  return none('command-failed', `${command}: exit ${exit ?? 'unknown'}: ${shortened(stderr || stdout)}`);
}

function none(code: 'timeout' | 'output-too-large' | 'command-failed' | 'not-parsed', reason: string): WayAnswer {
  return { kind: 'unavailable', code, reason };
}

/** The first line: `[TYPE] ADDRESS [from ADDRESS] [via GATEWAY] dev DEVICE [table TABLE] [src ADDRESS] …`. */
function parseRoute(stdout: string): KernelRoute | null {
  const words = (stdout.split('\n')[0] ?? '').trim().split(/\s+/);
  const type = types.find((known) => known === words[0]) ?? 'unicast';
  const after = (name: string) => {
    const at = words.indexOf(name);
    return at === -1 ? null : (words[at + 1] ?? null);
  };
  const device = after('dev');
  if (device === null) return null;
  const via = after('via');
  return {
    kind: 'route',
    type,
    device,
    // `via inet6 fe80::1`: a gateway of another family.
    gateway: via === 'inet6' ? after('inet6') : via,
    table: after('table') ?? 'main',
    preferredSource: after('src'),
  };
}

function shortened(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
