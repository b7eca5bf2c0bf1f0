import type { Pod } from '../model/kubernetes.ts';
import type { FoundFinding } from '../model/verdict.ts';
import { someOf } from '../model/words.ts';
import { isReachable } from '../calico/trusted-address.ts';
import type { Evaluation } from './evaluate.ts';
import type { Gathering } from './gather.ts';

/** How many pods of a node are named. */
const named = 3;

/** Returns which other pods share the causes: those of the same node, or those of both nodes of the flow. */
export async function sharedNote(
  gathering: Pick<Gathering, 'fact'>,
  evaluations: readonly Pick<Evaluation, 'rule'>[],
  roots: readonly Pick<FoundFinding, 'rule' | 'node' | 'subject'>[],
): Promise<readonly string[]> {
  const [flow, pods, family] = await Promise.all([
    gathering.fact('flow'),
    gathering.fact('pods'),
    gathering.fact('family'),
  ]);
  if (flow.status === 'unavailable' || pods.status === 'unavailable') return [];
  const { source, destination } = flow.value;
  // A rule that judges the way between two nodes may find that the interface of one pod alone is at fault.
  const own = [source, destination].map(({ interface: name, node }) => `${name} on ${node}`);
  const shared = roots
    .filter(({ subject: { kind, name } }) => kind !== 'Interface' || !own.includes(name))
    .map(({ rule: id, node }) => ({
      node,
      sharedBy: evaluations.find(({ rule }) => rule.id === id)?.rule.sharedBy,
    }));
  if (!shared.some(({ sharedBy }) => sharedBy !== undefined)) return [];
  const ends = [source, destination].map(({ namespace, name }) => `${namespace}/${name}`);
  const ofFamily = family.status === 'observed' ? family.value : 4;
  const othersOn = (node: string): readonly string[] =>
    pods.value
      .filter((pod) => pod.spec.nodeName === node && !pod.spec.hostNetwork && isReachable(pod, ofFamily))
      .map(nameOf)
      .filter((name) => !ends.includes(name))
      .toSorted();
  const nodes = new Set(shared.flatMap(({ node, sharedBy }) => (sharedBy === 'node' && node !== null ? [node] : [])));
  const ofNodes = [...nodes].flatMap((node) => {
    const others = othersOn(node);
    return others.length > 0 ? [`Other pods of ${node} share the cause: ${someOf(others, named)}.`] : [];
  });
  const [from, to] = [source.node, destination.node];
  const isPair = shared.some(({ sharedBy }) => sharedBy === 'both-nodes');
  if (!isPair || ofNodes.length > 0 || from === null || to === null || from === to) return ofNodes;
  const places = [from, to].flatMap((node) => {
    const others = othersOn(node);
    return others.length > 0 ? [`${someOf(others, named)} on ${node}`] : [];
  });
  return places.length > 0
    ? [`Packets of other pods take the same way between ${from} and ${to}: ${places.join('; ')}.`]
    : [];
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? 'default'}/${metadata.name}`;
}
