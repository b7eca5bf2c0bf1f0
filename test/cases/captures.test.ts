import { describe, expect, test } from '@jest/globals';
import type { FlowPort, FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readCapture, type Capture } from './capture.ts';
import { onNftables } from './changed-captures.ts';
import { captureDeps, client, judgeCapture } from './judge-capture.ts';

const judged = (
  name: string | Capture,
  pod = 'mypod',
  from: FlowSource | null = client,
  port: FlowPort | null = null,
): Promise<Verdict> =>
  judgeCapture(captureDeps(typeof name === 'string' ? readCapture(name) : name), { pod, from, port });

const names = (findings: readonly { readonly rule: string }[]) => findings.map(({ rule }) => rule);

describe('what real Calico printed is judged as its scenario says', () => {
  test.each([['healthy-legacy'], ['healthy-nft'], ['healthy-nftables'], ['healthy-kdd-nft'], ['healthy-vxlan-legacy']])(
    '%s: healthy',
    async (name) => {
      const verdict = await judged(name);
      expect([
        verdict.verdict,
        verdict.flow,
        names(verdict.roots),
        names(verdict.consequences),
        names(verdict.latent),
      ]).toEqual(['healthy', 'works', [], [], []]);
    },
  );

  test.each([
    ['profile-missing-rbac-legacy', ['controller-forbidden'], ['pod-profile-missing']],
    ['profile-missing-rbac-nft', ['controller-forbidden'], ['pod-profile-missing']],
    ['profile-missing-rbac-nftables', ['controller-forbidden'], ['pod-profile-missing']],
    ['ipip-blocked-legacy', ['ipip-lost-between-nodes'], []],
    ['k8s-deny-ingress-legacy', ['policy-denies-ingress'], []],
    ['foreign-forward-drop-nft', ['foreign-rule-drops'], []],
  ])('%s: roots %j, consequences %j', async (name, roots, consequences) => {
    const verdict = await judged(name);
    expect([verdict.verdict, verdict.flow, names(verdict.roots), [...new Set(names(verdict.consequences))]]).toEqual([
      'fault',
      'fails',
      roots,
      consequences,
    ]);
  });

  test('calico-node-forbidden-new-pod-kdd-nft: the new pod is unknown to Felix, which may not list namespaces', async () => {
    const verdict = await judged('calico-node-forbidden-new-pod-kdd-nft', 'newpod');
    expect([verdict.verdict, names(verdict.roots)]).toEqual(['fault', ['calico-node-forbidden']]);
  });

  test.each([
    ['policies-legacy', 'default', 'client'],
    ['policies-legacy', 'shop', 'api'],
    ['policies-nft', 'default', 'client'],
    ['policies-nft', 'shop', 'api'],
  ])('%s: TCP 8080 from %s/%s is healthy', async (name, namespace, pod) => {
    const verdict = await judged(
      name,
      'mypod',
      { kind: 'pod', namespace, name: pod },
      { protocol: 'tcp', number: 8080 },
    );
    expect([verdict.verdict, names(verdict.roots)]).toEqual(['healthy', []]);
  });

  test('policies-nftables: the same flows are judged the same, by verdict maps and sets of nftables', async () => {
    const capture = onNftables(readCapture('policies-nft'), readCapture('policies-nftables'));
    const verdict = await judged(capture, 'mypod', client, { protocol: 'tcp', number: 8080 });
    expect([
      verdict.verdict,
      names(verdict.roots),
      verdict.setup?.dataplanes.map(({ dataplane }) => dataplane),
    ]).toEqual(['healthy', [], ['nftables', 'nftables']]);
    const ping = await judged(capture);
    expect([names(ping.roots), ping.roots[0]?.subject]).toEqual([
      ['policy-denies-ingress'],
      { kind: 'Policy', name: 'default/web-from-client-and-shop-api' },
    ]);
  });

  test.each([['policies-legacy'], ['policies-nft']])('%s: ping is refused by the policy', async (name) => {
    const verdict = await judged(name);
    expect(names(verdict.roots)).toEqual(['policy-denies-ingress']);
    expect(verdict.roots[0]?.subject).toEqual({ kind: 'Policy', name: 'default/web-from-client-and-shop-api' });
  });
});
