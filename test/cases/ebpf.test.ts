import { describe, expect, test } from '@jest/globals';
import { diagnose } from '../../src/engine/diagnose.ts';
import { computed } from '../../src/computed/registry.ts';
import type { Clock } from '../../src/model/ports.ts';
import type { FlowPort } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import { readCapture } from './capture.ts';

const clock: Clock = { now: () => new Date('2026-11-25T19:30:10Z'), sleep: async () => {} };
const web: FlowPort = { protocol: 'tcp', number: 8080 };

async function judged(name: string, port: FlowPort | null = null): Promise<Verdict> {
  const capture = readCapture(name);
  return diagnose(
    { probes, computed, rules, clock, cluster: captureCluster(capture), shells: captureShells(capture) },
    {
      run: 'r-capture',
      target: {
        cluster: 'default',
        namespace: 'default',
        pod: 'mypod',
        from: { kind: 'pod', namespace: 'default', name: 'client' },
        port,
      },
    },
    async () => {},
  );
}

const rulesOf = (findings: Verdict['roots']) => findings.map(({ rule }) => rule);
const passed = ({ ruledOut }: Verdict) => ruledOut.map(({ rule }) => rule);

describe("Calico's eBPF dataplane: its packet filters judge nobody", () => {
  test.each<[string, FlowPort | null]>([
    ['healthy-bpf', null],
    ['healthy-bpf', web],
    ['policies-bpf', web],
  ])('%s, %j: what works is healthy, and what was not read is named on both nodes', async (name, port) => {
    const verdict = await judged(name, port);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict.roots), rulesOf(verdict.latent)]).toEqual([
      'healthy',
      'works',
      [],
      [],
    ]);
    expect(verdict.blindSpots.filter(({ code }) => code === 'not-supported')).toEqual(
      ['n1', 'n2'].map((node) => ({
        probe: 'walks',
        node,
        code: 'not-supported',
        reason: expect.stringContaining(
          `${node} runs Calico's eBPF dataplane (devices bpfin.cali and bpfout.cali; Felix's rules of eBPF mode: "Pre-approved by BPF programs.", `,
        ),
        affects: [],
      })),
    );
  });

  test('a policy that denies is found by the datastore, and what packet filters would say is said of nothing', async () => {
    const verdict = await judged('policy-denies-ingress-bpf');
    expect([verdict.verdict, verdict.flow, rulesOf(verdict.roots)]).toEqual([
      'fault',
      'fails',
      ['policy-denies-ingress'],
    ]);
    expect(verdict.roots[0]).toMatchObject({ proof: 'inferred', node: 'n1', subject: { kind: 'Policy' } });
    expect(verdict.roots[0]?.detail).toContain("n1 runs Calico's eBPF dataplane");
    for (const rule of ['foreign-rule-drops', 'calico-guard-drops', 'pod-profile-denies', 'pod-profile-missing'])
      expect(passed(verdict)).not.toContain(rule);
  });

  test('what several policies refuse is told with their names', async () => {
    const verdict = await judged('policies-bpf');
    expect([verdict.verdict, rulesOf(verdict.roots)]).toEqual(['fault', ['policy-denies-ingress']]);
  });
});
