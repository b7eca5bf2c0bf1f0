import { observed } from '../../model/evidence.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { evidenceOf, outputOf } from '../lib/evidence.ts';
import { parseIpLinks, parseNamespaces } from '../parse/ip-links.ts';
import { parseIpRoutes } from '../parse/ip-routes.ts';

export const nodeRoutes = defineNodeProbe({
  id: 'node-routes',
  description: 'Links, addresses and routes of a node.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: true,
  commands: {
    links: { argv: ['ip', '-j', '-d', 'addr', 'show'], timeoutSeconds: 5, maxBytes: 8_000_000 },
    namespaces: { argv: ['ip', '-j', 'netns', 'list'], timeoutSeconds: 5, maxBytes: 1_000_000 },
    routes: { argv: ['ip', '-j', 'route', 'show'], timeoutSeconds: 5, maxBytes: 8_000_000 },
    'routes-text': { argv: ['ip', 'route', 'show'], timeoutSeconds: 5, maxBytes: 4_000_000 },
  },
  needs: [],
  provides: ['links', 'routes'],
  async read(look) {
    const [links, namespaces, routes, text] = await Promise.all([look.run('links'), look.run('namespaces'), look.run('routes'), look.run('routes-text')]);
    return {
      links: observed(parseIpLinks(outputOf(links), namespaces.exit === 0 ? parseNamespaces(namespaces.stdout) : new Map()), [evidenceOf(links)]),
      routes: observed(parseIpRoutes(outputOf(routes)), [evidenceOf(text)]),
    };
  },
});
