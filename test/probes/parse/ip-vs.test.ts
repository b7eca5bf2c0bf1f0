/** /proc/net/ip_vs as the kernel's source prints it (net/netfilter/ipvs/ip_vs_ctl.c). */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { ipvsServers } from '../../../src/probes/node/ipvs-servers.ts';
import { parseIpVs } from '../../../src/probes/parse/ip-vs.ts';
import { codeOf, probing, type Script } from '../scripted.ts';
import { lookErrorOf } from './hostile.ts';

const heading = [
  'IP Virtual Server version 1.2.1 (size=4096)',
  'Prot LocalAddress:Port Scheduler Flags',
  '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn',
].join('\n');
const text = `${heading}
TCP  C6336414:0050 rr 
  -> C0000205:1F90      Masq    1      0          2         
  -> C0000209:1F90      Masq    0      1          0         
UDP  C633640A:0035 rr 
FWM  00000001 wlc 
  -> C000020A:0000      Route   1      0          0         
TCP  [fd00:0000:0000:0000:0000:0000:0000:0014]:01BB rr 
  -> [fd00:0010:0000:0000:0000:0000:0000:0005]:20FB      Masq    1      0          0         
`;

test('virtual servers with their real ones, of both families; those by a mark have no address', () => {
  expect(parseIpVs(text)).toEqual([
    {
      protocol: 'tcp',
      address: '198.51.100.20',
      port: 80,
      servers: [
        { address: '192.0.2.5', port: 8080, weight: 1 },
        { address: '192.0.2.9', port: 8080, weight: 0 },
      ],
    },
    { protocol: 'udp', address: '198.51.100.10', port: 53, servers: [] },
    { protocol: 'tcp', address: 'fd00::14', port: 443, servers: [{ address: 'fd00:10::5', port: 8443, weight: 1 }] },
  ]);
  expect(parseIpVs(`${heading}\n`)).toEqual([]);
});

test('what is not of the kernel is an error, and a line that is cut off is no server', () => {
  expect(lookErrorOf(() => parseIpVs('cat: /proc/net/ip_vs: No such file'))).toMatchObject({ code: 'not-parsed' });
  expect(parseIpVs(`${heading}\nTCP  C6336414:0050 rr \n  -> C0000205:1F9`)[0]?.servers).toEqual([]);
  fc.assert(fc.property(fc.string(), (more) => parseIpVs(`${heading}\n${more}`).length <= more.split('\n').length));
});

describe('the probe', () => {
  const link = { name: 'kube-ipvs0', addresses: [] };
  const service = { name: 'shop/web', address: '198.51.100.20', port: { protocol: 'tcp', number: 80 } };
  const read = (script: Script, links: readonly object[] = [link], of: object = { service }) =>
    probing(ipvsServers, {
      script,
      facts: {
        flow: { source: { node: 'n1' }, destination: { node: 'n1' }, ...of } as never,
        'links@source': links as never,
      },
    }).fact('ipvs-servers');
  test.each<[string, Script, string]>([
    ['reads what IPVS holds', { 'cat-ip-vs': { stdout: text } }, 'observed'],
    ['says that the kernel has no IPVS', { 'cat-ip-vs': { exit: 1, stderr: 'No such file' } }, 'command-failed'],
    ['takes no half table for a whole one', { 'cat-ip-vs': { stdout: text, truncated: true } }, 'output-too-large'],
  ])('%s', async (_, script, code) => {
    expect(codeOf(await read(script))).toBe(code);
  });
  test('asks no node where kube-proxy does not use IPVS, and for no Service', async () => {
    expect(codeOf(await read({}, []))).toBe('not-applicable');
    expect(codeOf(await read({}, [link], {}))).toBe('not-applicable');
  });
});
