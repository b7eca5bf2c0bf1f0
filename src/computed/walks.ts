import { observed, unavailable } from '../model/evidence.ts';
import { ebpfWords } from '../model/dataplane.ts';
import type { Flow } from '../model/flow.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineComputed } from '../model/computed.ts';
import { usualProfiles } from '../calico/usual-profiles.ts';
import { walkLegs } from '../ruleset/flow-walks/legs.ts';
import type { WalkedNode } from '../ruleset/flow-walks/walked-node.ts';
import { waysOn } from '../ruleset/flow-walks/chosen-way.ts';
import { decidedElsewhere, withUnreadSets } from '../ruleset/flow-walks/undecided.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  // It follows from facts that are essential themselves.
  essential: false,
  needs: ['flow', 'pod'],
  considers: [
    'pods',
    'kernel-ways',
    'rulesets@target',
    'routes@target',
    'links@target',
    'rulesets@source',
    'routes@source',
    'links@source',
    'dataplanes',
  ],
  async compute(facts) {
    const flow = facts.get('flow');
    const [pods, ways, rulesets, routes, links, sourceRulesets, sourceRoutes, sourceLinks] = await Promise.all([
      facts.ask('pods'),
      facts.ask('kernel-ways'),
      facts.ask('rulesets@target'),
      facts.ask('routes@target'),
      facts.ask('links@target'),
      facts.ask('rulesets@source'),
      facts.ask('routes@source'),
      facts.ask('links@source'),
    ]);
    if (rulesets.status === 'unavailable') return unavailable('needed-fact-missing', rulesets.reason);
    if (routes.status === 'unavailable') return unavailable('needed-fact-missing', routes.reason);
    if (links.status === 'unavailable') return unavailable('needed-fact-missing', links.reason);
    const asked = ways.status === 'observed' ? ways.value : [];
    const target: WalkedNode = {
      rulesets: rulesets.value,
      routes: routes.value,
      links: links.value,
      ways: waysOn(rulesets.value, asked),
    };
    const source: WalkedNode | null =
      sourceRulesets.status === 'observed' && sourceRoutes.status === 'observed' && sourceLinks.status === 'observed'
        ? {
            rulesets: sourceRulesets.value,
            routes: sourceRoutes.value,
            links: sourceLinks.value,
            ways: waysOn(sourceRulesets.value, asked),
          }
        : null;
    const planes = await facts.ask('dataplanes');
    const onEbpf = (planes.status === 'observed' ? planes.value : []).filter(({ dataplane }) => dataplane === 'ebpf');
    const walked = (walk: PacketWalk): PacketWalk => {
      const plane = onEbpf.find(({ node }) => node === walk.node);
      // Packets between the nodes' own addresses still pass the packet filters.
      if (plane && !walk.leg.endsWith('-outer')) return decidedElsewhere(walk, ebpfWords(plane));
      return withUnreadSets(walk, walk.node === rulesets.value.node ? rulesets.value : (source?.rulesets ?? {}));
    };
    return observed(
      walkLegs(flow, target, source, {
        names: {
          profiles: likelyProfiles(flow, [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])]),
          policies: [],
        },
      }).map(walked),
      [...rulesets.evidence, ...sourceRulesets.evidence],
      onEbpf.map((plane) => ({ code: 'not-supported' as const, reason: ebpfWords(plane), node: plane.node })),
    );
  },
});

/**
 * Without asking the datastore: Felix hashes long names of profiles, and only who knows a name recognises its chain.
 */
function likelyProfiles(flow: Flow, pods: readonly Pod[]): readonly string[] {
  return [flow.source, flow.destination].flatMap(({ namespace, name }) => {
    if (namespace === null) return [];
    const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return usualProfiles({ namespace, serviceAccount: pod?.spec.serviceAccountName ?? 'default' });
  });
}
