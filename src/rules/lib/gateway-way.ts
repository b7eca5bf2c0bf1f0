import type { Fact } from '../../model/evidence.ts';
import type { KernelWay } from '../../model/kernel-way.ts';
import type { Route } from '../../model/network.ts';
import { routesTo } from '../../model/routes.ts';
import type { RoutingPolicy } from '../../model/routing-policy.ts';

/** The gateway of every pod of Calico's: nobody has the address, and the pod's node answers for it. */
export const calicoGateway = '169.254.1.1';

/** Tables that every kernel consults by default. */
const usualTables: readonly string[] = ['local', 'main', 'default'];

/** Has the node no route for the gateway, whatever its kernel says? Rules of its own may lead elsewhere. */
export function isRouteless(routes: Fact<readonly Route[]>, policy: Fact<RoutingPolicy>): boolean {
  if (routes.status === 'unavailable' || policy.status === 'unavailable') return false;
  const isUsual = policy.value.rules.every(
    ({ action }) => action.kind === 'lookup' && usualTables.includes(action.table),
  );
  return isUsual && routesTo(routes.value, calicoGateway).length === 0;
}

/**
 * Does it leave by no other interface than the pod's own? A refusal whose cause the kernel does not tell (a blackhole,
 * the reverse path filter) is an answer, too: none.
 */
export function leadsNowhere({ answer, doubt }: KernelWay, name: string): boolean {
  if (doubt !== null) return false;
  return (
    answer.kind === 'refused' || (answer.kind === 'route' && (answer.device === name || answer.type !== 'unicast'))
  );
}
