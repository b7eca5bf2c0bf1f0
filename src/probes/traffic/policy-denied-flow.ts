import { observed } from '../../model/evidence.ts';
import type { FactKey } from '../../model/facts.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe, type ObservedFacts } from '../../model/probe.ts';
import {
  canSend,
  controlNodeFacts,
  tryAround,
  type ControlNode,
  type Surroundings,
  type UntriedFlow,
} from '../lib/control-flows.ts';
import { walkIngress } from '../../flow-walks/ingress.ts';
import { sendCommands } from '../lib/send-one.ts';
import { declaredPorts, podEnd } from '../../flow-walks/ends.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';

/** Pairs of pods whose packet is walked at most, to find one that a policy refuses. */
const walkedPairs = 200;

export const policyDeniedFlow = defineClusterProbe({
  id: 'policy-denied-flow',
  description:
    'Around a fix only: sends one packet of a flow from another namespace that a policy denies, as the static ' +
    'walk says.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands: sendCommands,
  moment: 'control',
  needs: ['pod', 'nodes'],
  runsOn: ['target', 'source'],
  uses: [...controlNodeFacts, 'rulesets@target', 'routes@target', 'rulesets@source', 'routes@source'],
  provides: ['denied-flow'],
  async read(look, facts) {
    return { 'denied-flow': observed(await tryAround(look, facts, 'denied-flow', (around) => denied(facts, around))) };
  },
});

/** @throws LookError where none was found, and one may be on a node that could not be read */
async function denied(facts: ObservedFacts<FactKey>, around: Surroundings): Promise<readonly UntriedFlow[]> {
  const unread: string[] = [];
  const read = await Promise.all(
    around.nodes.map(async (node) => {
      const [rulesets, routes] = await Promise.all([
        facts.ask(`rulesets@${node.place}`),
        facts.ask(`routes@${node.place}`),
      ]);
      if (rulesets.status === 'observed')
        unread.push(...(rulesets.value.unread ?? []).map(({ part, why }) => `${node.look.node}: ${part}: ${why}`));
      if (rulesets.status === 'observed' && routes.status === 'observed')
        return [{ ...node, rulesets: rulesets.value, routes: routes.value }];
      unread.push(
        ...[rulesets, routes].flatMap((fact) =>
          fact.status === 'unavailable' ? `${node.look.node}: ${fact.reason}` : [],
        ),
      );
      return [];
    }),
  );
  const flow = findDenied(around, read.flat());
  if (!flow && unread.length > 0) throw new LookError('needed-fact-missing', unread.join('; '));
  return flow ? [flow] : [];
}

/**
 * A flow between two pods of the nodes, from another namespace into this one, whose walk ends at a policy or at the end
 * of a tier.
 */
function findDenied(
  { namespace, pods, addressing }: Surroundings,
  nodes: readonly (ControlNode & WalkedNode)[],
): UntriedFlow | null {
  const here = pods.filter(({ spec }) => nodes.some(({ look }) => look.node === spec.nodeName));
  // Labels that pods of the namespace itself get from a new profile may rightly let them in: they show no harm.
  const [into, others] = [
    here.filter(({ metadata }) => metadata.namespace === namespace),
    here.filter(({ metadata }) => metadata.namespace !== namespace),
  ];
  const pairs = others.flatMap((from) => into.map((to) => ({ from, to })));
  // On one node no path between nodes can hide what a policy does.
  const [together, apart] = [
    pairs.filter(({ from, to }) => from.spec.nodeName === to.spec.nodeName),
    pairs.filter(({ from, to }) => from.spec.nodeName !== to.spec.nodeName),
  ];
  for (const { from, to } of [...together, ...apart].slice(0, walkedPairs)) {
    const [source, destination, node] = [
      podEnd(from, addressing),
      podEnd(to, addressing),
      nodes.find(({ look }) => look.node === to.spec.nodeName),
    ];
    if (!source || !destination || !node || !canSend(source, nodes)) continue;
    const [port] = declaredPorts(to);
    const refusedBy = walkIngress({ source, destination, port, node }).policy;
    if (refusedBy !== null) return { source, destination, port, refusedBy };
  }
  return null;
}
