/**
 * Felix's health port as a node tells of it: 200 or 204 when live, 503 when not. Source: felix/config HealthPort 9099.
 */
import { httpStatusOf } from './http-status.ts';

/** Felix's health port. */
export const felixHealthPort = 9099;

/** What a node printed of its Felix. */
export interface FelixHealthAnswers {
  /** Felix processes, a line each: number, then arguments. */
  readonly processes: string;
  /** Who listens on the health port, as `ss -Hltnp` prints it. */
  readonly listener: string;
  /** The answer with its head, as `curl -i` prints it. */
  readonly liveness: string;
}

/** Returns the numbers of the processes that a listing of Felix's processes holds. */
export function felixPids(processes: string): ReadonlySet<string> {
  return new Set(linesOf(processes).map((line) => line.split(' ')[0] ?? ''));
}

/** Says why Felix is not known to be live; null: its own health port says that it is. */
export function whyFelixNotLive({ processes, listener, liveness }: FelixHealthAnswers): string | null {
  const own = felixPids(processes);
  if (own.size === 0) return 'no Felix process runs';
  const sockets = linesOf(listener);
  if (sockets.length === 0) return `Felix does not listen on its health port ${felixHealthPort}`;
  if (!sockets.every((line) => isOwnSocket(line, own)))
    return `another process listens on Felix's health port ${felixHealthPort}`;
  const status = httpStatusOf(liveness);
  if (status === 200 || status === 204) return null;
  return status === null ? "Felix's health port does not answer" : `Felix's liveness check answers ${status}`;
}

/**
 * Whether only these processes hold the socket. A process may call itself something with `pid=` in it: that adds a
 * number to the line and takes none away.
 */
export function isOwnSocket(socket: string, own: ReadonlySet<string>): boolean {
  const pids = [...socket.matchAll(/pid=(\d+)/g)].map(([, pid = '']) => pid);
  return pids.length > 0 && pids.every((pid) => own.has(pid));
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
