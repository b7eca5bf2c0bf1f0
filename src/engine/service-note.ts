import { shellCommand } from '../model/shell-words.ts';
import { serviceName } from '../model/service.ts';
import type { FoundFinding } from '../model/verdict.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns a note where the pod behind a Service answers, the node of the sender leads the Service to its endpoints, and
 * connections to the Service fail: no cause that is known here explains it.
 */
export async function serviceNote(
  gathering: Pick<Gathering, 'fact'>,
  roots: readonly FoundFinding[],
): Promise<readonly string[]> {
  if (roots.length > 0) return [];
  const [flow, service, outcome] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('service'),
    gathering.fact('tried-outcome'),
  ]);
  if (flow.status === 'unavailable' || service.status === 'unavailable' || outcome.status === 'unavailable') return [];
  const { address } = service.value;
  if (outcome.value.judgedPort !== 'works' || outcome.value.flow !== 'fails' || address === null) return [];
  const [translation, reachability] = await Promise.all([
    gathering.fact('service-translation'),
    gathering.fact('reachability'),
  ]);
  const tried = reachability.status === 'observed' ? reachability.value.attempts : [];
  const isLost = tried.some(({ what, answer }) => what === 'service' && answer !== 'reply');
  if (!isLost || translation.status === 'unavailable' || translation.value.kind !== 'endpoints') return [];
  if (translation.value.byPrograms) return [];
  const { node } = flow.value.source;
  return [
    `Node ${node} leads Service ${serviceName(service.value)} to its endpoints, the pod answers at its own address, ` +
      `and not every connection to ${address} is answered. The source address may be changed, too, so that answers ` +
      'go elsewhere: they go to the second dst= that conntrack shows. ' +
      `To do next on ${node}: ${shellCommand`conntrack -L -d ${address}`}; iptables-save -t nat -c | grep -i snat`,
  ];
}
