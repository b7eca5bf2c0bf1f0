/** Clusters with addresses of IPv6: judged as their likes of IPv4, and what is not looked at is named. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { ClusterReader } from '../../src/model/ports.ts';
import type { FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { asIpv6 } from './as-ipv6.ts';
import { readCapture } from './capture.ts';
import { onBothFamilies } from './in-ipv6.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const deps = (name: string) => captureDeps(readCapture(name));
const ofIpv6 = (name: string): Promise<Verdict> => {
  const own = deps(name);
  return judgeCapture({ ...own, ...asIpv6(own, /vxlan|bpf/.test(name) ? 'vxlan.calico' : 'tunl0') });
};
const rulesOf = ({ roots, latent, consequences }: Verdict) =>
  [roots, consequences, latent].map((findings) => findings.map(({ rule, title, proof }) => [rule, title, proof]));
const reasonsOf = ({ blindSpots }: Verdict) => blindSpots.map(({ reason }) => reason);
const answer = (value: unknown) => ({ ok: true, value, request: 'GET', at: '2026-11-23T18:00:00.000Z' }) as never;

/** With a Service before default/mypod, of the family of its address alone. */
function serving(cluster: ClusterReader, address: string): ClusterReader {
  const metadata = { namespace: 'default', name: 'web' };
  const ports = [{ name: 'http', protocol: 'TCP', port: 8080 }];
  const [addressType, endpoint] = address.includes(':') ? ['IPv6', 'fd00:10:244:1::5'] : ['IPv4', '10.244.1.5'];
  const targetRef = { kind: 'Pod', namespace: 'default', name: 'mypod' };
  return {
    ...cluster,
    read: async (asked) =>
      asked.kind === 'Service'
        ? answer({ metadata, spec: { clusterIP: address, clusterIPs: [address], selector: { app: 'web' }, ports } })
        : cluster.read(asked),
    list: async (query) => {
      if (query.kind === 'EndpointSlice')
        return answer([{ metadata, addressType, ports, endpoints: [{ addresses: [endpoint], targetRef }] }]);
      const { labelSelector, ...rest } = query;
      const behind = labelSelector === 'app=web' ? { ...rest, fieldSelector: 'metadata.name=mypod' } : query;
      return cluster.list(behind);
    },
  };
}

/** IPIP does not carry IPv6, and programs of eBPF are not read of it. */
const otherwise = [
  'ipip-blocked-legacy',
  'policies-bpf',
  'policy-denies-ingress-bpf',
  'program-detached-bpf',
  'vxlan-blocked-bpf',
];
const captures = readdirSync(new URL('../fixtures/captures/', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(`${entry.parentPath}/${entry.name}/n1`))
  .map(({ name }) => name);
/** What reads or changes IPv4 alone. */
const ofIpv4 =
  /169\.254\.1\.1|0\.0\.0\.0|\biptables-|\bip (?:-4|route|rule|neigh)|\/32\b|net[/.]ipv4|table ip |cali40|arping|arp_/;

test('there are captures', () => {
  expect(captures).toContain('healthy-vxlan-legacy');
});

test.each(captures)('%s of IPv6 alone has the verdict of its like of IPv4, and tells its commands', async (name) => {
  const [four, six] = await Promise.all([judgeCapture(deps(name)), ofIpv6(name)]);
  const told = [...six.roots, ...six.consequences, ...six.latent].flatMap(({ advice }) => advice?.commands ?? []);
  expect(told.filter((command) => ofIpv4.test(command))).toEqual([]);
  if (four.verdict !== 'healthy') expect(six.verdict).not.toBe('healthy');
  if (otherwise.includes(name)) return;
  expect([six.verdict, six.flow, rulesOf(six)]).toEqual([four.verdict, four.flow, rulesOf(four)]);
});

test('what is lost between nodes of IPv6 is found by the captures of both', async () => {
  const verdict = await ofIpv6('ipip-blocked-legacy');
  const lost = ['vxlan-lost-between-nodes', 'VXLAN packets from n2 do not reach n1', 'capture'];
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['fault', 'fails', [[lost], [], []]]);
  const [root] = verdict.roots;
  expect(root?.evidence.map(({ excerpt }) => excerpt)).toContainEqual(expect.stringMatching(/ IP6 fd00:10::/));
});

test('on the eBPF dataplane nothing is blamed for packets of IPv6', async () => {
  const verdict = await ofIpv6('healthy-bpf');
  expect(rulesOf(verdict)).toEqual([[], [], []]);
  expect(reasonsOf(verdict)).toContainEqual(expect.stringMatching(/eBPF programs are not read for a flow of IPv6\./));
});

test.each(['healthy-kdd-nft', 'healthy-legacy'])('%s with both: IPv4 is judged, and a note says so', async (name) => {
  const own = deps(name);
  const verdict = await judgeCapture({ ...own, cluster: onBothFamilies(own.cluster) });
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['healthy', 'works', [[], [], []]]);
  expect(verdict.notes).toContainEqual(expect.stringMatching(/^Only IPv4 was tried\. .*fd00:10:244:1::5/));
});

test('a pod with both is judged by IPv6 where that was asked for', async () => {
  const own = deps('healthy-kdd-nft');
  const verdict = await judgeCapture({ ...own, cluster: onBothFamilies(own.cluster) }, { family: 6 });
  // The captured cluster has no pool of IPv6.
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['inconclusive', 'unknown', [[], [], []]]);
  expect(reasonsOf(verdict)).toContainEqual(
    expect.stringMatching(/has the address fd00:10:244:1::5, which is in none/),
  );
});

test.each([
  [4, 'fd00:10:96::7', 'Service default/web has no IPv4 address (fd00:10:96::7), and the flow is of IPv4'],
  [6, '10.96.0.7', 'Service default/web has no IPv6 address (10.96.0.7), and the flow is of IPv6'],
] as const)('asked by IPv%d, a Service with the address %s alone is not healthy', async (family, address, why) => {
  const own = deps('healthy-kdd-nft');
  const cluster = serving(onBothFamilies(own.cluster), address);
  const verdict = await judgeCapture({ ...own, cluster }, { kind: 'service', pod: 'web', family });
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['inconclusive', 'unknown', [[], [], []]]);
  expect(reasonsOf(verdict)).toContainEqual(expect.stringContaining(why));
});

test.each([
  ['2001:db8::7', 'has no IPv6 address (10.244.1.5), and the flow is of IPv6'],
  ['fe80::7', 'has no IPv6 address (10.244.1.5), and the flow is of IPv6'],
])('a client with the IPv6 address %s is not judged by packets of IPv4', async (address, why) => {
  const from: FlowSource = { kind: 'outside', address };
  const verdict = await judgeCapture(deps('healthy-legacy'), { from });
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['inconclusive', 'unknown', [[], [], []]]);
  expect(reasonsOf(verdict)).toContainEqual(expect.stringContaining(why));
});
