import { observed } from '../../model/evidence.ts';
import type { Link, Route } from '../../model/network.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { ipAddrShow, ipNetnsList, ipRouteShow, ipRouteShowText } from '../../commands/ip.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseIpLinks, parseNamespaces } from '../parse/ip-links.ts';
import { parseIpRoutes } from '../parse/ip-routes.ts';

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
  description: 'Links, addresses and routes of a node.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: true,
  commands: [ipAddrShow, ipNetnsList, ipRouteShow, ipRouteShowText],
  needs: [],
  provides: ['links', 'routes'],
  async read(look) {
    const [links, namespaces, routes, text] = await Promise.all([
      look.run(ipAddrShow),
      look.run(ipNetnsList),
      look.run(ipRouteShow),
      look.run(ipRouteShowText),
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
    };
  },
});
