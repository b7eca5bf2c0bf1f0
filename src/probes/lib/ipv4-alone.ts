import { familyOf } from '../../model/addresses.ts';
import type { Flow } from '../../model/flow.ts';
import { LookError } from '../../model/look-error.ts';

/** What a probe reads of IPv4 alone. */
interface Ipv4Look {
  /** In words, in the plural. */
  readonly what: string;
  /** What a person runs for a flow of IPv6. */
  readonly next: string;
}

/** @throws LookError `not-supported` where the flow is of IPv6 */
export function refuseIpv6({ destination }: Pick<Flow, 'destination'>, { what, next }: Ipv4Look): void {
  if (familyOf(destination.address) === 6)
    throw new LookError('not-supported', `${what} are not read for a flow of IPv6. ${next}`);
}
