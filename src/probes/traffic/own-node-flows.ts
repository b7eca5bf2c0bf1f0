import { outsideEnd } from '../../flow-walks/ends.ts';
import { observed } from '../../model/evidence.ts';
import { familyOfService } from '../../model/service.ts';
import type { ClusterReader } from '../../model/ports.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { controlNodeFacts, tryAround, type Surroundings, type UntriedFlow } from '../lib/control-flows.ts';
import { flowsToPods, ownNode } from '../lib/flows-to-pods.ts';
import { sendCommands } from '../lib/send-one.ts';
import { readService, serviceReads } from '../lib/target-pods.ts';

/** Pods of the target's node beside the target. */
const neighbours = 2;

export const ownNodeFlows = defineClusterProbe({
  id: 'own-node-flows',
  description:
    "Around a fix only: one packet each to up to two other pods of the target's node, and one from that node to the " +
    'API server.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands: sendCommands,
  reads: serviceReads,
  moment: 'control',
  needs: ['pod', 'nodes'],
  runsOn: ['target', 'source'],
  uses: controlNodeFacts,
  provides: ['own-node-flows'],
  async read(look, facts) {
    const target = facts.get('pod');
    const flows = await tryAround(look, facts, 'own-node-flows', async (around) => [
      ...flowsToPods(target, around, (others) =>
        others.filter(({ spec }) => spec.nodeName === target.spec.nodeName).slice(0, neighbours),
      ),
      ...(await toApiServer(look.cluster, around)),
    ]);
    return { 'own-node-flows': observed(flows) };
  },
});

/** To an address of the API server itself, not of its Service; best to one that is not on the node. */
async function toApiServer(
  cluster: ClusterReader,
  { addressing, nodes }: Surroundings,
): Promise<readonly UntriedFlow[]> {
  const { family = 4 } = addressing;
  const { state } = await readService(cluster, { namespace: 'default', name: 'kubernetes', port: null, family });
  // It has addresses of one family, which need not be that of the flow.
  const source = ownNode({ ...addressing, family: state ? familyOfService(state) : family }, nodes);
  const endpoints = state?.endpoints ?? [];
  const endpoint = endpoints.find(({ address }) => address !== source?.address) ?? endpoints[0];
  const port = endpoint?.ports.find(({ protocol }) => protocol === 'tcp');
  if (!source || !endpoint || !port) return [];
  const to = { protocol: 'tcp', number: port.number } as const;
  return [{ source, destination: outsideEnd(endpoint.address), port: to, refusedBy: null }];
}
