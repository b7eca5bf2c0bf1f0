/** Clusters in which another CNI plugin wires the pods, and Calico carries out the policies. */
import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../src/engine/diagnose.ts';
import { computed } from '../../src/computed/registry.ts';
import type { Clock } from '../../src/model/ports.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import { readCapture, type Capture } from './capture.ts';

const clock: Clock = { now: () => new Date('2026-11-23T18:00:10Z'), sleep: async () => {} };

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

describe.each(['eni', 'azv', 'lxc', 'veth'])('interfaces named %s…', (prefix) => {
  const judged = async (name: string) => {
    const capture = renamed(readCapture(name), prefix);
    return diagnose(
      { probes, computed, rules, clock, cluster: captureCluster(capture), shells: captureShells(capture) },
      {
        run: 'r-capture',
        target: {
          cluster: 'default',
          namespace: 'default',
          pod: 'mypod',
          from: { kind: 'pod', namespace: 'default', name: 'client' },
          port: null,
        },
      },
      async () => {},
    );
  };

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

  test.each([
    ['k8s-deny-ingress-legacy', 'policy-denies-ingress'],
    ['foreign-forward-drop-nft', 'foreign-rule-drops'],
    ['ipip-blocked-legacy', 'ipip-lost-between-nodes'],
  ])('%s: %s', async (name, cause) => {
    const verdict = await judged(name);
    expect([verdict.verdict, verdict.roots.map(({ rule }) => rule)]).toEqual(['fault', [cause]]);
  });
});
