import { LookError } from '../../model/look-error.ts';
import type { RouteAnswer } from '../../model/network.ts';

/**
 * Parses what `ip route get` prints: one route, or the kernel's refusal (`RTNETLINK answers: …`).
 * @throws LookError not-parsed for anything else, such as an interface that is gone
 */
export function parseRouteAnswer(text: string): RouteAnswer {
  const [, refused] = /^RTNETLINK answers: (.+)$/m.exec(text) ?? [];
  if (refused !== undefined) return { device: null, gateway: null, refused: refused.trim() };
  const [first = ''] = text.trim().split('\n', 1);
  const [, device] = / dev (\S+)/.exec(first) ?? [];
  if (device === undefined || !/^(?:[a-z]+ )?\d/.test(first))
    throw new LookError('not-parsed', `ip route get printed no route: ${text.slice(0, 120).trim() || '(empty)'}`);
  const [, gateway = null] = / via (?:inet6? )?(\S+)/.exec(first) ?? [];
  return { device, gateway, refused: null };
}
