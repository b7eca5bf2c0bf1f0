/** What credentials and answers say of time. */
import type { KubeConfig } from '@kubernetes/client-node';
import { X509Certificate } from 'node:crypto';
import type { CredentialsEnd } from '../../model/credentials-end.ts';

/**
 * Returns when the token or the client certificate of the current user ends. null: the kubeconfig does not say it, such
 * as where a program is run for a token. A token in a file is renewed by the program that wrote the file.
 */
export function credentialsEndOf(config: KubeConfig): CredentialsEnd | null {
  const user = config.getCurrentUser();
  if (user?.token) {
    const at = tokenEnd(user.token);
    return at === null ? null : { kind: 'token', at };
  }
  if (!user?.certData) return null;
  try {
    const at = new Date(new X509Certificate(Buffer.from(user.certData, 'base64')).validTo);
    return Number.isNaN(at.getTime()) ? null : { kind: 'client certificate', at };
  } catch {
    return null;
  }
}

/** Source: RFC 7519, section 4.1.4: `exp` is seconds since 1970. */
function tokenEnd(token: string): Date | null {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    const seconds = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : null;
    if (typeof seconds !== 'number') return null;
    const at = new Date(seconds * 1000);
    return Number.isNaN(at.getTime()) ? null : at;
  } catch {
    return null;
  }
}

/**
 * Returns how far the clock that wrote the header Date is ahead; null: there is no such header. What the answer took
 * and the missing milliseconds of the header are taken off, so that a slow answer is no wrong clock.
 * @param sent milliseconds since 1970, as `received`
 */
export function aheadOf(header: string | undefined, sent: number, received: number): number | null {
  const said = Date.parse(header ?? '');
  if (Number.isNaN(said)) return null;
  // It wrote the header between the two, and some part of a second later than it says.
  if (said > received) return said - received;
  return said + 1000 < sent ? said + 1000 - sent : 0;
}
