import { poolOf } from '../calico/pool-of.ts';
import { describeEnd } from '../model/flow-end-words.ts';
import { isCrossNode } from '../model/flow-place.ts';
import { prefixOf, routesTo } from '../model/routes.ts';
import type { Gathering } from './gather.ts';

/**
 * No pool holds the address of a pod, and the other node leads it by its default route. Where the network itself routes
 * to pods that is right; where Calico gave the address, its pool was deleted, and with it the routes.
 */
export async function poolNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, pools, outcome, there, back] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('pools'),
    gathering.fact('tried-outcome'),
    gathering.fact('routes@source'),
    gathering.fact('routes@target'),
  ]);
  if (flow.status === 'unavailable' || pools.status === 'unavailable' || !isCrossNode(flow.value)) return [];
  if (outcome.status === 'observed' && outcome.value.judgedPort === 'works') return [];
  const { source, destination } = flow.value;
  const sides = [
    { pod: destination, node: source.node, routes: there },
    { pod: source, node: destination.node, routes: back },
  ];
  const lost = sides.find(({ pod, routes }) => {
    if (pod.kind !== 'pod' || pod.interface === null || routes.status === 'unavailable') return false;
    const [taken] = routesTo(routes.value, pod.address);
    return poolOf(pools.value, pod.address) === null && (!taken || prefixOf(taken) === 0);
  });
  if (!lost) return [];
  const { pod, node } = lost;
  const known = pools.value.map(({ spec }) => spec.cidr).join(', ');
  return [
    `No IP pool holds the address ${pod.address} of ${describeEnd(pod)}, and ${node ?? '?'} has no route to it but ` +
      `its default route. ${known === '' ? 'There is no IP pool.' : `The pools are ${known}.`} If Calico gave the ` +
      'pod its address, the pool was deleted or changed since, and the routes went with it. To do next: ' +
      'calicoctl get ippool -o wide; calicoctl ipam show --show-blocks',
  ];
}
