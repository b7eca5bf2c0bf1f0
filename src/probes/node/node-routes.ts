import type { AddressFamily } from '../../model/addresses.ts';
import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import { LookError } from '../../model/look-error.ts';
import { isHostRoute } from '../../model/routes.ts';
import type { Link, Route } from '../../model/network.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import type { RoutingPolicy } from '../../model/routing-policy.ts';
import type { Transcript } from '../../model/command.ts';
import {
  ip6RouteShow,
  ip6RouteShowTables,
  ip6RouteShowText,
  ip6RuleShow,
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
  const hostRoutes = routes
    .filter(({ device, type, gateway }) => device === link.name && type === 'unicast' && gateway === null)
    .flatMap((route) => (isHostRoute(route) ? [route.destination.replace(/\/\d+$/, '')] : []));
  return hostRoutes.length === 0 ? link : { ...link, hostRoutes };
}

/** How each family's routes are read. */
const readers = {
  4: { routes: ipRouteShow, text: ipRouteShowText, rules: ipRuleShow, tables: ipRouteShowTables },
  6: { routes: ip6RouteShow, text: ip6RouteShowText, rules: ip6RuleShow, tables: ip6RouteShowTables },
} as const;

export const nodeRoutes = defineNodeProbe({
  id: 'node-routes',
  description: 'Links, addresses and routes of a node, and the rules by which it chooses a table of routes.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  // Routing rules explain a loss; a flow that works has none to explain.
  essential: ['links', 'routes'],
  commands: [ipAddrShow, ipNetnsList, ...Object.values(readers).flatMap((one) => Object.values(one))],
  needs: ['family'],
  provides: ['links', 'routes', 'routing'],
  async read(look, facts) {
    const family = facts.get('family');
    const reader = readers[family];
    const [links, namespaces, routes, text, routing] = await Promise.all([
      look.run(ipAddrShow),
      look.run(ipNetnsList),
      look.run(reader.routes),
      look.run(reader.text),
      readRouting(family, () => Promise.all([look.run(reader.rules), look.run(reader.tables)])),
    ]);
    const parsed = parseIpLinks(
      outputOf(links),
      namespaces.exit === 0 ? parseNamespaces(namespaces.stdout) : new Map(),
      family,
    );
    const table = parseIpRoutes(outputOf(routes), family);
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
  family: AddressFamily,
  run: () => Promise<readonly [rules: Transcript, tables: Transcript]>,
): Promise<Fact<RoutingPolicy>> {
  try {
    const [rules, tables] = await run();
    const read = { rules: parseIpRules(outputOf(rules)), tables: parseRouteTables(outputOf(tables), family) };
    return observed(read, [evidenceOf(rules)]);
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return unavailable(error.code, error.message);
  }
}
