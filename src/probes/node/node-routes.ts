import { observed, unavailable, type Fact } from '../../model/evidence.ts';
import { LookError } from '../../model/look-error.ts';
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

export const nodeRoutes = defineNodeProbe({
  id: 'node-routes',
  description: 'Links, addresses and routes of a node, and the rules by which it chooses a table of routes.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: true,
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
    return {
      links: observed(
        parseIpLinks(outputOf(links), namespaces.exit === 0 ? parseNamespaces(namespaces.stdout) : new Map()),
        [evidenceOf(links)],
      ),
      routes: observed(parseIpRoutes(outputOf(routes)), [evidenceOf(text)]),
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
