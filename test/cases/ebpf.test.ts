import { describe, expect, test } from '@jest/globals';
import type { NodeShells } from '../../src/model/ports.ts';
import type { FlowPort } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { running } from '../probes/transcript.ts';
import { readCapture } from './capture.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';

const web: FlowPort = { protocol: 'tcp', number: 8080 };

const judged = (name: string, port: FlowPort | null = null, pod = 'mypod'): Promise<Verdict> =>
  judgeCapture(captureDeps(readCapture(name), '2026-11-25T19:30:10Z'), { port, pod });

/** The same where no calico-node runs whose dumps could be read. */
const judgedUnread = (name: string, port: FlowPort | null = null): Promise<Verdict> => {
  const deps = captureDeps(readCapture(name), '2026-11-25T19:30:10Z');
  const shells: NodeShells = {
    ...deps.shells,
    shell: (address) => {
      const shell = deps.shells.shell(address);
      const start: typeof shell.start = (request) =>
        request.command.id.startsWith('bash-ebpf-')
          ? running(address.name, { exit: 3, stderr: 'no privileged process of calico-node runs on the node\n' })
          : shell.start(request);
      return { ...shell, start };
    },
  };
  return judgeCapture({ ...deps, shells }, { port });
};

const rulesOf = (findings: readonly { readonly rule: string }[]) => findings.map(({ rule }) => rule);
const passed = ({ ruledOut }: Verdict) => rulesOf(ruledOut);

describe("Calico's eBPF dataplane: what its programs hold decides", () => {
  test.each<[string, FlowPort | null]>([
    ['healthy-bpf', null],
    ['healthy-bpf', web],
    ['healthy-tc-bpf', web],
    ['policies-bpf', web],
  ])('%s, %j: what works is healthy, and nothing was left unread of it', async (name, port) => {
    const verdict = await judged(name, port);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict.roots), rulesOf(verdict.latent)]).toEqual([
      'healthy',
      'works',
      [],
      [],
    ]);
    expect(verdict.blindSpots.filter(({ probe }) => probe === 'walks' || probe === 'ebpf-programs')).toEqual([]);
  });

  test.each<[string, FlowPort | null, string, readonly string[]]>([
    ['policy-denies-ingress-bpf', null, 'mypod', ['policy-denies-ingress']],
    ['policy-denies-ingress-bpf', web, 'mypod', ['policy-denies-ingress']],
    ['policies-bpf', null, 'mypod', ['policy-denies-ingress']],
    ['program-detached-bpf', web, 'mypod', ['bpf-dataplane-not-ready']],
    ['vxlan-blocked-bpf', null, 'mypod', ['vxlan-lost-between-nodes']],
    ['felix-stopped-new-pod-bpf', web, 'newpod', ['felix-not-running']],
  ])('%s, %j, %s: %j', async (name, port, pod, roots) => {
    const verdict = await judged(name, port, pod);
    expect([verdict.verdict, verdict.flow, rulesOf(verdict.roots)]).toEqual(['fault', 'fails', roots]);
    // Felix's rules beside its programs are no fault, whatever ends the packet.
    expect(rulesOf([...verdict.roots, ...verdict.consequences, ...verdict.latent])).not.toContain('foreign-rule-drops');
  });

  test('the policy is named with the tier that ends the packet, and the datastore says the same', async () => {
    const [root] = (await judged('policy-denies-ingress-bpf', web)).roots;
    expect(root).toMatchObject({ node: 'n1', subject: { kind: 'Policy', name: 'default/deny-web' } });
    expect(root?.detail).toContain('"End Tier: default  (action: deny)" of the eBPF program of cali4e199eba087');
    expect(root?.detail).toContain('The datastore says the same.');
  });

  test('counters prove a denial: three test packets, three drops of the interface', async () => {
    const capture = readCapture('policy-denies-ingress-bpf');
    const text = (path: string) => {
      const before = capture.text(path.replace('after.', 'before.'));
      return path.includes('after.counters-dump')
        ? (before?.replace(/(\| by policy +\| +3 \| +)42( )/, '$145$2') ?? null)
        : path.includes('after.policy-dump')
          ? before
          : capture.text(path);
    };
    const { roots } = await judgeCapture(captureDeps({ ...capture, text }, '2026-11-25T19:30:10Z'));
    expect(roots).toMatchObject([{ rule: 'policy-denies-ingress', proof: 'counter' }]);
    expect(roots[0]?.detail).toContain('3 of 3 test packets were counted there as dropped by policy');
  });

  test('a pod that came while Felix was down is left to the packet filters, which do not know it', async () => {
    const { roots, consequences } = await judged('felix-stopped-new-pod-bpf', web, 'newpod');
    expect(roots[0]?.detail).toContain('The packet ends at "Unknown interface"');
    expect(consequences).toMatchObject([
      { rule: 'bpf-dataplane-not-ready', because: { rule: 'felix-not-running' }, subject: { name: 'caliee58aa3412c' } },
    ]);
  });

  test('of several policies, the one that ends the packet', async () => {
    const [root] = (await judged('policies-bpf', { protocol: 'tcp', number: 2250 })).roots;
    expect(root?.subject).toEqual({ kind: 'Policy', name: 'default/security.web-guard' });
  });
});

describe('where its programs cannot be read, packet filters judge nobody in their place', () => {
  test.each<[string, FlowPort | null]>([
    ['healthy-bpf', null],
    ['policies-bpf', web],
  ])('%s, %j: what works is healthy, and what was not read is named on both nodes', async (name, port) => {
    const verdict = await judgedUnread(name, port);
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

  test('a policy that denies is found by the datastore', async () => {
    const verdict = await judgedUnread('policy-denies-ingress-bpf');
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

  test.each(['program-detached-bpf', 'felix-stopped-new-pod-bpf'])('%s: no root from packet filters', async (name) => {
    const verdict = await judgedUnread(name, web);
    for (const rule of ['foreign-rule-drops', 'calico-guard-drops', 'calico-hooks-missing'])
      expect(rulesOf(verdict.roots)).not.toContain(rule);
  });
});
