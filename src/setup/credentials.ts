/** What the bot needs of time: credentials that last, and a clock that agrees with the API server's. */
import type { CredentialsEnd } from '../model/credentials-end.ts';
import { limited, ok, type Check } from './check.ts';

/** Somebody has to be there to renew them. */
const soonMs = 14 * 86_400_000;
const dayMs = 86_400_000;
/** Far more than the API server takes to answer. Bot and worker refuse approvals that seem to come from later. */
const mostAheadMs = 60_000;

export const renewKubeconfig =
  'Make a kubeconfig with a new token: kubectl -n calico-chatops create token calico-chatops --duration 8760h';

/** Returns what is so of the end of the credentials; null where they do not say it. */
export function endWords(
  end: CredentialsEnd | null,
  now: Date,
): { readonly text: string; readonly soon: boolean } | null {
  if (end === null) return null;
  const left = end.at.getTime() - now.getTime();
  const [what, when] = [`the ${end.kind} of the kubeconfig`, end.at.toISOString().replace(/\.\d+Z$/, 'Z')];
  if (left <= 0) return { text: `${what} expired at ${when}`, soon: true };
  if (left > soonMs) return { text: `${what} is valid until ${when}`, soon: false };
  const days = Math.round(left / dayMs);
  const within = days < 2 ? `${Math.max(1, Math.round(left / 3_600_000))} hours` : `${days} days`;
  return { text: `${what} expires in ${within}, at ${when}`, soon: true };
}

/** Returns a line for the end of the credentials; none where they do not say it. */
export function credentialChecks(end: CredentialsEnd | null, now: Date): readonly Check[] {
  const words = endWords(end, now);
  if (words === null) return [];
  return [
    words.soon ? limited('credentials', { text: words.text, next: renewKubeconfig }) : ok('credentials', words.text),
  ];
}

/** Returns a line if the two clocks differ by far. @param aheadMs how far the API server's is ahead; null: not known */
export function clockChecks(aheadMs: number | null): readonly Check[] {
  if (aheadMs === null || Math.abs(aheadMs) <= mostAheadMs) return [];
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  return [
    limited('clock', {
      text: `this machine's clock is ${seconds} s ${aheadMs > 0 ? 'behind' : 'ahead of'} the one of the API server`,
      next: 'Run timedatectl here and on the control plane, and correct the one that is wrong',
    }),
  ];
}
