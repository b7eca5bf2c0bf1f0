/** Clusters in which another CNI plugin wires the pods, and Calico carries out the policies. */
import { describe, expect, test } from '@jest/globals';
import { readCapture, type Capture } from './capture.ts';
import { unanswered } from './changed-captures.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

/** The capture with other names of the pods' interfaces, and of Felix's prefix, on the nodes alone. */
function renamed(capture: Capture, prefix: string): Capture {
  const other = (text: string) =>
    text.replaceAll(/cali([0-9a-f]{11})/g, `${prefix}$1`).replaceAll(/\bcali(?=[+*])/g, prefix);
  return {
    ...capture,
    text: (path) => {
      const text = capture.text(path);
      return text === null || path.startsWith('calicoctl/') ? text : other(text);
    },
  };
}

/** The /32 of the pod, as both forms of `ip route` print it. */
const toPod = /\{"dst":"10\.244\.1\.5"[^}]*\},|^10\.244\.1\.5 dev \S+ scope .*\n/m;

test.each(['healthy-legacy', 'healthy-kdd-nft'])('%s: a pod that another plugin wired beside Calico', async (name) => {
  const capture = renamed(readCapture(name), 'veth');
  // The capture's pods have the addresses of its endpoints.
  const endpoints = capture.endpoints.map((one) =>
    one.spec.pod === 'mypod' ? { ...one, spec: { ...one.spec, ipNetworks: ['198.51.100.7/32'] } } : one,
  );
  const verdict = await judgeCapture(captureDeps({ ...capture, endpoints }));
  expect(verdict.roots.map(({ rule }) => rule)).toEqual(['pod-wired-by-another-cni']);
  expect([verdict.verdict, verdict.flow]).toEqual(['fault', 'unknown']);
});

describe.each(['eni', 'azv', 'lxc', 'veth', 'gke'])('interfaces named %s…', (prefix) => {
  const judged = (name: string) => judgeCapture(captureDeps(renamed(readCapture(name), prefix)));

  test.each(['healthy-legacy', 'healthy-nft', 'healthy-kdd-nft', 'healthy-vxlan-legacy'])(
    '%s: healthy',
    async (name) => {
      const verdict = await judged(name);
      expect([verdict.verdict, verdict.flow, verdict.roots, verdict.latent]).toEqual(['healthy', 'works', [], []]);
      expect(verdict.ruledOut).toContainEqual({
        rule: 'pod-interface-missing',
        by: expect.stringMatching(new RegExp(`^the pod's interface ${prefix}[0-9a-f]{11} exists$`)),
      });
    },
  );

  test('the route to the pod is gone', async () => {
    const capture = unanswered(renamed(readCapture('healthy-kdd-nft'), prefix));
    const text = (path: string) =>
      (path.startsWith('n1/ip-') ? capture.text(path)?.replace(toPod, '') : capture.text(path)) ?? null;
    const verdict = await judgeCapture(captureDeps({ ...capture, text }));
    expect([verdict.verdict, verdict.roots.map(({ rule }) => rule)]).toEqual(['fault', ['pod-route-missing']]);
  });

  test.each([
    ['k8s-deny-ingress-legacy', 'policy-denies-ingress'],
    ['foreign-forward-drop-nft', 'foreign-rule-drops'],
    ['ipip-blocked-legacy', 'ipip-lost-between-nodes'],
  ])('%s: %s', async (name, cause) => {
    const verdict = await judged(name);
    expect([verdict.verdict, verdict.roots.map(({ rule }) => rule)]).toEqual(['fault', [cause]]);
  });
});
