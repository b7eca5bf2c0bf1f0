import { observed, unavailable } from '../model/evidence.ts';
import { ebpfWords } from '../model/dataplane.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineComputed } from '../model/computed.ts';
import { usualProfiles } from '../calico/usual-profiles.ts';
import { walkLegs } from '../flow-walks/legs.ts';
import { decidedElsewhere, withUnreadSets } from '../flow-walks/undecided.ts';
import { nodeFacts, readNode } from './lib/read-node.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  // It is computed from facts that are essential themselves.
  essential: false,
  needs: ['flow', 'pod'],
  considers: ['pods', ...nodeFacts, 'dataplanes'],
  async compute(facts) {
    const flow = facts.get('flow');
    const [pods, target, source] = await Promise.all([
      facts.ask('pods'),
      readNode(facts, 'target'),
      readNode(facts, 'source'),
    ]);
    if (target.status === 'unavailable') return unavailable(target.code, target.reason);
    const { rulesets } = target.value;
    const sourceNode = source.status === 'observed' ? source.value : null;
    const planes = await facts.ask('dataplanes');
    const onEbpf = (planes.status === 'observed' ? planes.value : []).filter(({ dataplane }) => dataplane === 'ebpf');
    const walked = (walk: PacketWalk): PacketWalk => {
      const plane = onEbpf.find(({ node }) => node === walk.node);
      // Packets between the nodes' own addresses pass the packet filters, too.
      if (plane && !walk.leg.endsWith('-outer')) return decidedElsewhere(walk, ebpfWords(plane));
      return withUnreadSets(walk, walk.node === rulesets.node ? rulesets : (sourceNode?.rulesets ?? {}));
    };
    return observed(
      walkLegs(flow, target.value, sourceNode, {
        names: {
          profiles: likelyProfiles(flow, [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])]),
          policies: [],
        },
      }).map(walked),
      [...target.evidence, ...source.evidence],
      onEbpf.map((plane) => ({ code: 'not-supported' as const, reason: ebpfWords(plane), node: plane.node })),
    );
  },
});

/** Returns the profile names without asking the datastore. Felix hashes long names, so chains are found by name. */
function likelyProfiles(flow: Flow, pods: readonly Pod[]): readonly string[] {
  return [flow.source, flow.destination].flatMap(({ namespace, name }) => {
    if (namespace === null) return [];
    const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return usualProfiles({ namespace, serviceAccount: pod?.spec.serviceAccountName ?? 'default' });
  });
}
