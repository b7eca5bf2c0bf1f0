import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link, Route } from '../../model/network.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import type { RoutingPolicy } from '../../model/routing-policy.ts';
import type { Transcript } from '../../model/command.ts';
import {
  ipAddrShow,
  ipNetnsList,
  ipRouteShow,
  ipRouteShowTables,
  ipRouteShowText,
  ipRuleShow,
} from '../../commands/ip.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseIpLinks, parseNamespaces } from '../parse/ip-links.ts';
import { parseIpRoutes, parseRouteTables } from '../parse/ip-routes.ts';
import { parseIpRules } from '../parse/ip-rules.ts';

function withHostRoutes(link: Link, routes: readonly Route[]): Link {
  const hostRoutes = routes.flatMap(({ device, destination, type, gateway }) =>
    device === link.name && type === 'unicast' && gateway === null && destination.endsWith('/32')
      ? [destination.slice(0, -3)]
      : [],
  );
  return hostRoutes.length === 0 ? link : { ...link, hostRoutes };
}

export const nodeRoutes = defineNodeProbe({
  id: 'node-routes',
  description: 'Links, addresses and routes of a node, and the rules by which it chooses a table of routes.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  // Routing rules explain a loss; a flow that works has none to explain.
  essential: ['links', 'routes'],
  commands: [ipAddrShow, ipNetnsList, ipRouteShow, ipRouteShowText, ipRuleShow, ipRouteShowTables],
  needs: [],
  provides: ['links', 'routes', 'routing'],
  async read(look) {
    const [links, namespaces, routes, text, routing] = await Promise.all([
      look.run(ipAddrShow),
      look.run(ipNetnsList),
      look.run(ipRouteShow),
      look.run(ipRouteShowText),
      readRouting(() => Promise.all([look.run(ipRuleShow), look.run(ipRouteShowTables)])),
    ]);
    const parsed = parseIpLinks(
      outputOf(links),
      namespaces.exit === 0 ? parseNamespaces(namespaces.stdout) : new Map(),
    );
    const table = parseIpRoutes(outputOf(routes));
    return {
      links: observed(
        parsed.map((link) => withHostRoutes(link, table)),
        [evidenceOf(links)],
      ),
      routes: observed(table, [evidenceOf(text)]),
      routing,
    };
  },
});

/** What is wrong with it costs neither links nor routes. */
async function readRouting(
  run: () => Promise<readonly [rules: Transcript, tables: Transcript]>,
): Promise<Fact<RoutingPolicy>> {
  try {
    const [rules, tables] = await run();
    return observed({ rules: parseIpRules(outputOf(rules)), tables: parseRouteTables(outputOf(tables)) }, [
      evidenceOf(rules),
    ]);
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return unavailable(error.code, error.message);
  }
}
