import { defineComputed } from '../model/computed.ts';
import { observed, type Fact } from '../model/evidence.ts';
import { waysOfFlow } from './lib/ways-of-flow.ts';

export const judgedWays = defineComputed({
  id: 'judged-ways',
  description:
    'The way of each packet of the flow by the kernels of both nodes, there and back, judged by their tables.',
  essential: false,
  needs: ['flow', 'kernel-ways'],
  considers: [
    'pod-interface',
    'source-endpoint',
    'nodes',
    'pools',
    'links@target',
    'routes@target',
    'routing@target',
    'links@source',
    'routes@source',
    'routing@source',
  ],
  async compute(facts) {
    const [named, sourceEndpoint, nodes, pools, ...read] = await Promise.all([
      facts.ask('pod-interface'),
      facts.ask('source-endpoint'),
      facts.ask('nodes'),
      facts.ask('pools'),
      facts.ask('links@target'),
      facts.ask('routes@target'),
      facts.ask('routing@target'),
      facts.ask('links@source'),
      facts.ask('routes@source'),
      facts.ask('routing@source'),
    ]);
    const [links, routes, routing, sourceLinks, sourceRoutes, sourceRouting] = read;
    const view = (of: typeof links, main: typeof routes, policy: typeof routing) => {
      const [known, table] = [valueOf(of), valueOf(main)];
      return known && table ? { links: known, routes: table, policy: valueOf(policy) } : null;
    };
    return observed(
      waysOfFlow(facts.get('flow'), facts.get('kernel-ways'), {
        target: view(links, routes, routing),
        source: view(sourceLinks, sourceRoutes, sourceRouting),
        podInterface: valueOf(named)?.name ?? null,
        sourceInterface: valueOf(sourceEndpoint)?.spec.interfaceName ?? null,
        nodes: valueOf(nodes) ?? [],
        pools: valueOf(pools) ?? [],
      }),
      facts.evidence('kernel-ways'),
    );
  },
});

function valueOf<T>(fact: Fact<T>): T | null {
  return fact.status === 'observed' ? fact.value : null;
}
