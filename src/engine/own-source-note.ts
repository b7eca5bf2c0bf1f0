import { shellCommand } from '../model/shell-words.ts';
import type { Gathering } from './gather.ts';

/** The sending pod gives its packets another source address than the cluster knows: none of it was judged. */
export async function ownSourceNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, network] = await Promise.all([gathering.fact('flow'), gathering.fact('source-pod-network')]);
  if (flow.status === 'unavailable' || network.status === 'unavailable') return [];
  const { source, destination } = flow.value;
  const { way, namespace } = network.value;
  if (way.kind !== 'route' || way.preferredSource === null || way.preferredSource === source.address) return [];
  return [
    `Pod ${source.namespace}/${source.name} sends packets to ${destination.address} from ${way.preferredSource}, and ` +
      `its address is ${source.address}. Answers go to ${way.preferredSource}. A route of the pod may name that ` +
      `address. To do next on ${source.node}: ` +
      shellCommand`ip netns exec ${namespace} ip route get ${destination.address}; ip netns exec ${namespace} ip route`,
  ];
}
