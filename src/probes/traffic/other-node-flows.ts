import { observed } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { controlNodeFacts, tryAround } from '../lib/control-flows.ts';
import { flowsToPods } from '../lib/flows-to-pods.ts';
import { sendCommands } from '../lib/send-one.ts';

/** Nodes other than the target's, to a pod of which something is sent. */
const otherNodes = 2;

export const otherNodeFlows = defineClusterProbe({
  id: 'other-node-flows',
  description:
    "Around a fix only: one packet each to a pod of up to two nodes other than the target's, sent from a node " +
    'of the asked flow.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands: sendCommands,
  moment: 'control',
  needs: ['pod', 'nodes'],
  runsOn: ['target', 'source'],
  uses: controlNodeFacts,
  provides: ['other-flows'],
  async read(look, facts) {
    const target = facts.get('pod');
    const flows = await tryAround(look, facts, 'other-flows', (around) =>
      flowsToPods(target, around, (others) => {
        const elsewhere = others.filter(({ spec }) => spec.nodeName !== target.spec.nodeName);
        // Of each node the first.
        const onePerNode = new Map(elsewhere.toReversed().map((pod) => [pod.spec.nodeName, pod]));
        return elsewhere.filter((pod) => onePerNode.get(pod.spec.nodeName) === pod).slice(0, otherNodes);
      }),
    );
    return { 'other-flows': observed(flows) };
  },
});
