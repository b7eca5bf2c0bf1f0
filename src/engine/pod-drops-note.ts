import { toSeeRise } from '../model/list-rule.ts';
import { undecidedRule } from '../model/undecided-rules.ts';
import { isRefused } from '../model/ruleset/walk.ts';
import { shellCommand } from '../model/shell-words.ts';
import type { Gathering } from './gather.ts';

/** Returns notes on rules inside the flow's pods that drop by what no rule set tells, such as a rate. */
export async function podDropsNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, walked, outcome, ...networks] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('pod-walks'),
    gathering.fact('tried-outcome'),
    gathering.fact('source-pod-network'),
    gathering.fact('pod-network'),
  ]);
  if (flow.status === 'unavailable' || walked.status === 'unavailable') return [];
  const passed = outcome.status === 'observed' && outcome.value.judgedPort === 'works';
  return (['source', 'destination'] as const).flatMap((end, at) => {
    const network = networks[at];
    if (network?.status !== 'observed') return [];
    const [found] = walked.value.walks.flatMap(({ end: own, result }) =>
      own === end && result.ends.some(({ decision }) => isRefused(decision)) ? (undecidedRule(result) ?? []) : [],
    );
    if (!found) return [];
    const { namespace, name, node } = flow.value[end];
    const inside = shellCommand`ip netns exec ${network.value.namespace} ` + found.command;
    return [
      `A rule inside pod ${namespace}/${name} can drop packets of this flow: ${found.words}. ` +
        (passed ? 'The test packets passed.' : `To see it, ${toSeeRise(inside, node)}.`),
    ];
  });
}
