import { familyOf } from '../../model/addresses.ts';
import { unavailable, type Unavailable } from '../../model/evidence.ts';
import type { Flow } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';

/** What a probe reads of IPv4 alone. */
export interface Ipv4Look {
  /** In words, in the plural. */
  readonly what: string;
  /** What a person runs for a flow of IPv6. */
  readonly next: string;
}

/** Returns the blind spot of a probe that does not look at this flow, which is of IPv6; null: it looks. */
export function notOfIpv6({ destination }: Pick<Flow, 'destination'>, look: Ipv4Look): Unavailable | null {
  return familyOf(destination.address) === 6 ? unavailable('not-supported', wordsOf(look)) : null;
}

/** @throws LookError `not-supported` where the flow is of IPv6 */
export function refuseIpv6({ destination }: Pick<Flow, 'destination'>, look: Ipv4Look): void {
  if (familyOf(destination.address) === 6) throw new LookError('not-supported', wordsOf(look));
}

function wordsOf({ what, next }: Ipv4Look): string {
  return `${what} are not read for a flow of IPv6. ${next}`;
}
