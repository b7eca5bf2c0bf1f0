import { observed } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { ipAddrShow, ipNetnsList, ipRouteShow, ipRouteShowText } from '../../commands/ip.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseIpLinks, parseNamespaces } from '../parse/ip-links.ts';
import { parseIpRoutes } from '../parse/ip-routes.ts';

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
    return {
      links: observed(
        parseIpLinks(outputOf(links), namespaces.exit === 0 ? parseNamespaces(namespaces.stdout) : new Map()),
        [evidenceOf(links)],
      ),
      routes: observed(parseIpRoutes(outputOf(routes)), [evidenceOf(text)]),
    };
  },
});
