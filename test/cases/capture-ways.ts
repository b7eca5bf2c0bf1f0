/** What `ip route get` would have said on a captured node, from its addresses and its main table: all had the usual rules. */
import { deviceTo, routesTo } from '../../src/model/routes.ts';
import { parseIpLinks } from '../../src/probes/parse/ip-links.ts';
import { parseIpRoutes } from '../../src/probes/parse/ip-routes.ts';
import type { Capture } from './capture.ts';

export function capturedWay(
  capture: Capture,
  node: string,
  params: Readonly<Record<string, string>>,
): { stdout: string; stderr: string; exit: number } | null {
  const [links, routes] = ['ip-j-d-addr.txt', 'ip-j-route.txt'].map((file) => capture.text(`${node}/${file}`));
  if (!links || !routes) return null;
  const { destination = '169.254.1.1', source, interface: inInterface } = params;
  const entering = source ? ` from ${source}` : '';
  const cache = inInterface ? `    cache iif ${inInterface}` : '    cache';
  const own = parseIpLinks(links).some(({ addresses }) => addresses.some(({ address }) => address === destination));
  if (own)
    return {
      stdout: `local ${destination}${entering} dev lo table local\n${cache} <local>\n`,
      stderr: '',
      exit: 0,
    };
  const parsed = parseIpRoutes(routes);
  const [taken] = routesTo(parsed, destination);
  const device = deviceTo(parsed, destination);
  if (!taken || !device)
    return {
      stdout: '',
      stderr: `RTNETLINK answers: ${taken ? 'Invalid argument' : 'Network is unreachable'}\n`,
      exit: 2,
    };
  const via = taken.gateway ?? taken.nextHops[0]?.gateway;
  return {
    stdout: `${destination}${entering}${via ? ` via ${via}` : ''} dev ${device}\n${cache}\n`,
    stderr: '',
    exit: 0,
  };
}
