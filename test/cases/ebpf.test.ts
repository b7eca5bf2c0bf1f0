import { describe, expect, test } from '@jest/globals';
import type { FlowPort } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readCapture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const web: FlowPort = { protocol: 'tcp', number: 8080 };

const judged = (name: string, port: FlowPort | null = null): Promise<Verdict> =>
  judgeCapture(captureDeps(readCapture(name), '2026-11-25T19:30:10Z'), { port });

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
