/** Clusters with addresses of IPv6: judged as their likes of IPv4, and what is not looked at is named. */
import { expect, test } from '@jest/globals';
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

test.each([
  ['healthy-vxlan-legacy', 'healthy'],
  ['healthy-kdd-nft', 'healthy'],
  ['healthy-nftables', 'healthy'],
  ['foreign-forward-drop-nft', 'fault'],
  ['policies-legacy', 'fault'],
  ['profile-missing-rbac-nftables', 'fault'],
])('%s of IPv6 alone has the verdict of its like of IPv4: %s', async (name, expected) => {
  const [four, six] = await Promise.all([judgeCapture(deps(name)), ofIpv6(name)]);
  expect([six.verdict, six.flow, rulesOf(six)]).toEqual([four.verdict, four.flow, rulesOf(four)]);
  expect(six.verdict).toBe(expected);
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
  ['2001:db8::7', 'has no IPv6 address (10.244.1.5), and the flow is of IPv6'],
  ['fe80::7', 'has no IPv6 address (10.244.1.5), and the flow is of IPv6'],
])('a client with the IPv6 address %s is not judged by packets of IPv4', async (address, why) => {
  const from: FlowSource = { kind: 'outside', address };
  const verdict = await judgeCapture(deps('healthy-legacy'), { from });
  expect([verdict.verdict, verdict.flow, rulesOf(verdict)]).toEqual(['inconclusive', 'unknown', [[], [], []]]);
  expect(reasonsOf(verdict)).toContainEqual(expect.stringContaining(why));
});
