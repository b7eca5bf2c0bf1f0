/** Clusters with addresses of IPv6: what is not judged is named, and nothing is called healthy or blamed for it. */
import { expect, test } from '@jest/globals';
import type { FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readCapture } from './capture.ts';
import { onBothFamilies, onIPv6Alone } from './in-ipv6.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const judged = (name: string, how: typeof onIPv6Alone, from?: FlowSource): Promise<Verdict> => {
  const deps = captureDeps(readCapture(name));
  return judgeCapture({ ...deps, cluster: how(deps.cluster) }, from === undefined ? {} : { from });
};
const rulesOf = ({ roots, latent, consequences }: Verdict) =>
  [...roots, ...consequences, ...latent].map(({ rule }) => rule);

test.each(['healthy-legacy', 'healthy-kdd-nft', 'healthy-nftables', 'healthy-vxlan-legacy', 'healthy-bpf'])(
  '%s with IPv6 alone: its nodes are read, nothing is blamed, and the flow is a blind spot with a command',
  async (name) => {
    const verdict = await judged(name, onIPv6Alone);
    expect([verdict.verdict, verdict.flow, ...rulesOf(verdict)]).toEqual(['inconclusive', 'unknown']);
    const reasons = verdict.blindSpots.map(({ reason }) => reason);
    expect(reasons).toContainEqual(
      expect.stringMatching(/Packets of IPv6 are not judged yet.*ip -6 route get fd00:10:244:1::5/),
    );
    expect(reasons).not.toContainEqual(expect.stringContaining('InternalIP'));
  },
);

test('what needs no packet is found with IPv6 alone', async () => {
  expect(rulesOf(await judged('profile-missing-rbac-nft', onIPv6Alone))).toContain('controller-forbidden');
});

test.each(['healthy-kdd-nft', 'healthy-legacy'])('%s with both: IPv4 is judged, and a note says so', async (name) => {
  const verdict = await judged(name, onBothFamilies);
  expect([verdict.verdict, verdict.flow, ...rulesOf(verdict)]).toEqual(['healthy', 'works']);
  expect(verdict.notes).toContainEqual(expect.stringMatching(/^Only IPv4 was tried\. .*fd00:10:244:1::5/));
});

test('a client with an IPv6 address is not judged by packets of IPv4', async () => {
  const verdict = await judged('healthy-legacy', (cluster) => cluster, { kind: 'outside', address: '2001:db8::7' });
  expect([verdict.verdict, verdict.flow, ...rulesOf(verdict)]).toEqual(['inconclusive', 'unknown']);
  expect(verdict.blindSpots.map(({ reason }) => reason)).toContainEqual(
    expect.stringContaining('2001:db8::7 is an IPv6 address'),
  );
});
