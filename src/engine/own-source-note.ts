import { shellCommand } from '../model/shell-words.ts';
import type { Gathering } from './gather.ts';

/** The sending pod gives its packets another source address than the cluster knows: none of it was judged. */
export async function ownSourceNote(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, network, walked] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('source-pod-network'),
    gathering.fact('pod-walks'),
  ]);
  if (flow.status === 'unavailable' || network.status === 'unavailable') return [];
  const { source, destination } = flow.value;
  const { way, namespace } = network.value;
  const chosen = way.kind === 'route' ? way.preferredSource : null;
  const sent = (walked.status === 'observed' ? walked.value.walks : []).find(
    ({ end, packet }) => end === 'source' && packet === 'request',
  );
  const byRule = sent && sent.result.packet.source !== sent.asked.source ? sent.result.packet.source : null;
  const from = byRule ?? chosen;
  if (from === null || from === source.address) return [];
  const [why, next] = byRule
    ? ['A rule inside the pod gives them that address.', shellCommand`ip netns exec ${namespace} iptables-save -c`]
    : [
        'A route of the pod may name that address.',
        shellCommand`ip netns exec ${namespace} ip route get ${destination.address}; ` +
          shellCommand`ip netns exec ${namespace} ip route`,
      ];
  return [
    `Pod ${source.namespace}/${source.name} sends packets to ${destination.address} from ${from}, and its address is ` +
      `${source.address}. Answers go to ${from}. ${why} To do next on ${source.node}: ${next}`,
  ];
}
