import { observed, unavailable } from '../model/evidence.ts';
import type { Flow } from '../model/facts.ts';
import type { Pod } from '../model/kubernetes.ts';
import { defineComputed } from '../model/computed.ts';
import { usualProfiles } from '../calico/usual-profiles.ts';
import { walkLegs, type WalkedNode } from '../ruleset/flow-walks/legs.ts';

export const walks = defineComputed({
  id: 'walks',
  description: 'The asked packet walked through every rule set on its way, there and back.',
  // It follows from facts that are essential themselves.
  essential: false,
  needs: ['flow', 'pod'],
  considers: [
    'pods',
    'rulesets@target',
    'routes@target',
    'links@target',
    'rulesets@source',
    'routes@source',
    'links@source',
  ],
  async compute(facts) {
    const flow = facts.get('flow');
    const [pods, rulesets, routes, links, sourceRulesets, sourceRoutes, sourceLinks] = await Promise.all([
      facts.ask('pods'),
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
    const target: WalkedNode = { rulesets: rulesets.value, routes: routes.value, links: links.value };
    const source: WalkedNode | null =
      sourceRulesets.status === 'observed' && sourceRoutes.status === 'observed' && sourceLinks.status === 'observed'
        ? { rulesets: sourceRulesets.value, routes: sourceRoutes.value, links: sourceLinks.value }
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
