import { observed, unavailable } from '../model/evidence.ts';
import type { Flow } from '../model/facts.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineComputed } from '../model/computed.ts';
import { usualProfiles } from '../calico/usual-profiles.ts';
import { walkLegs } from '../ruleset/flow-walks/legs.ts';
import type { WalkedNode } from '../ruleset/flow-walks/walked-node.ts';
import { waysOn } from '../ruleset/flow-walks/chosen-way.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  essential: true,
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
    return observed(
      walkLegs(flow, target, source, {
        profiles: likelyProfiles(flow, [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])]),
        policies: [],
      }),
      [...rulesets.evidence, ...sourceRulesets.evidence],
    );
  },
});

/** Without asking the datastore: Felix hashes long names of profiles, and only who knows a name recognises its chain. */
function likelyProfiles(flow: Flow, pods: readonly Pod[]): readonly string[] {
  return [flow.source, flow.destination].flatMap(({ namespace, name }) => {
    if (namespace === null) return [];
    const pod = pods.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    return usualProfiles({ namespace, serviceAccount: pod?.spec.serviceAccountName ?? 'default' });
  });
}
