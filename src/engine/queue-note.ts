import { shellCommand } from '../model/shell-words.ts';
import { isHandedOn } from '../model/queues.ts';
import type { Evaluation } from './evaluate.ts';
import type { Gathering } from './gather.ts';

/**
 * Returns notes on queues and filters of tc that took packets while test packets were sent, and none otherwise, where
 * their numbers prove nothing: they may lose some packets of the flow, and not others.
 */
export async function queueNotes(
  gathering: Pick<Gathering, 'fact'>,
  evaluations: readonly Pick<Evaluation, 'rule' | 'outcome'>[],
): Promise<readonly string[]> {
  const judged = evaluations.find(({ rule }) => rule.id === 'traffic-control-drops');
  if (judged?.outcome.outcome !== 'inconclusive') return [];
  const counts = await gathering.fact('queue-counts');
  if (counts.status === 'unavailable') return [];
  return counts.value.taken
    .filter((one) => one.idle === 0 && !isHandedOn(one))
    .map(({ node, device, pod, text, rise, sent }) => {
      const show = shellCommand`tc -s qdisc show dev ${device}`;
      const command = pod ? shellCommand`ip netns exec ${pod.namespace} ` + show : show;
      return (
        `Traffic control at ${device} ${pod ? `inside ${pod.name}` : `of ${node}`} (${text}) took ${rise} packets ` +
        `while ${sent} test packets were sent, and none later without them. It may lose some packets of this flow. ` +
        `To do next on ${node}: ${command}`
      );
    });
}
