import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseAttached, parseCounters, parseDelivery, parseState } from '../../../src/probes/parse/ebpf-maps.ts';
import { parsePolicyDump } from '../../../src/probes/parse/ebpf-policy.ts';
import { dumpOf } from '../../../src/probes/parse/ebpf-sections.ts';
import { readCapture } from '../../cases/capture.ts';
import { lookErrorOf } from './hostile.ts';

const pod = 'cali4e199eba087';
const text = (capture: string, file: string, node = 'n1') => readCapture(capture).text(`${node}/${file}`) ?? '';
const errors = readCapture('calico-bpf-errors').text('no-maps-on-this-node.txt') ?? '';

describe('policy dump', () => {
  test('every rule, its match and its count; the node sees egress where the pod has ingress', () => {
    const { ingress, egress } = parsePolicyDump(text('policies-bpf', `after.policy-dump-${pod}.txt`));
    expect([ingress?.hook, egress?.hook]).toEqual(['tc egress', 'tc ingress']);
    expect(ingress?.tiers.map(({ name, end }) => [name, end.action, end.index])).toEqual([
      ['security', 'deny', 6],
      ['default', 'deny', 9],
    ]);
    expect(
      ingress?.tiers[0]?.policies.map(({ name, rules }) => [name, rules.map(({ action, hits }) => [action, hits])]),
    ).toEqual([
      [
        { kind: 'NetworkPolicy', name: 'security.web-guard', namespace: 'default', tier: 'security' },
        [
          ['log', 0],
          ['deny', 6],
          ['deny', 0],
          ['next-tier', 18],
        ],
      ],
      [
        { kind: 'NetworkPolicy', name: 'security.web-guard-second', namespace: 'default', tier: 'security' },
        [['next-tier', 0]],
      ],
    ]);
    expect(ingress?.tiers[1]?.policies[0]).toMatchObject({
      name: { kind: 'KubernetesNetworkPolicy', name: 'web-from-client-and-shop-api', namespace: 'default' },
      rules: [{ action: 'allow', match: 'proto=tcp src={10.244.2.7/32} dports={8080}', hits: 4 }, { hits: 1 }],
    });
    expect(ingress?.profiles).toMatchObject([
      { name: 'kns.default', rules: [{ index: 10, action: 'allow', hits: 16 }] },
    ]);
  });
  test('a policy without rules, and a global one', () => {
    const denied = parsePolicyDump(text('policy-denies-ingress-bpf', `before.policy-dump-${pod}.txt`));
    expect(denied.ingress?.tiers).toMatchObject([
      { name: 'default', policies: [{ name: { name: 'deny-web' }, rules: [] }], end: { action: 'deny', index: 1 } },
    ]);
    const metadata = parsePolicyDump(text('policies-bpf', `after.policy-dump-${pod}.txt`)).egress;
    expect(metadata?.tiers[0]?.policies[0]?.name).toEqual({
      kind: 'GlobalNetworkPolicy',
      name: 'security.no-egress-to-metadata',
      namespace: null,
      tier: 'security',
    });
  });
  test('every dump of a real node is read', () => {
    for (const capture of [
      'healthy-bpf',
      'healthy-tc-bpf',
      'policies-bpf',
      'policy-denies-ingress-bpf',
      'program-detached-bpf',
    ])
      for (const when of ['before', 'after']) {
        const { ingress, egress } = parsePolicyDump(text(capture, `${when}.policy-dump-${pod}.txt`));
        expect([ingress?.profiles.length, egress?.profiles.length]).toEqual([1, 1]);
      }
  });
  test('an interface that Felix does not know prints nothing, and a hook without a rule is one', () => {
    expect(parsePolicyDump('')).toEqual({});
    expect(parsePolicyDump('IfaceName: cali1\nHook: tc egress\n')).toEqual({
      ingress: { hook: 'tc egress', tiers: [], profiles: [] },
    });
  });
  test.each([
    ['cut within a tier', 'IfaceName: cali1\nHook: tc egress\n  Tier: default\n    Policy: NetworkPolicy a/b 0\n'],
    ['an unknown action', 'IfaceName: cali1\nHook: tc egress\n      Rule: kns.a  Action: mirror\n'],
    ['the end of another tier', 'IfaceName: cali1\nHook: tc egress\n  Tier: a\n  End Tier: b  (action: deny)\n'],
    ['no interface', 'Hook: tc egress\n'],
  ])('is not guessed: %s', (_, dump) => {
    expect(lookErrorOf(() => parsePolicyDump(dump))?.code).toBe('not-parsed');
  });
  test('any part of a dump is read, or refused', () => {
    const whole = text('policies-bpf', `after.policy-dump-${pod}.txt`);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(whole.length), fc.string(), (from, to, between) => {
        const part = whole.slice(0, from) + between + whole.slice(to);
        expect([null, 'not-parsed', 'not-supported']).toContain(lookErrorOf(() => parsePolicyDump(part))?.code ?? null);
      }),
    );
  });
});

describe('counters dump', () => {
  test('drops by reason in each direction of the pod', () => {
    const { ingress, egress } = parseCounters(text('policy-denies-ingress-bpf', 'after.counters-dump.txt'), pod);
    expect([ingress?.dropped['by policy'], ingress?.total]).toEqual([68, 147]);
    expect([egress?.dropped['by policy'], egress?.dropped['failed to create conntrack'], egress?.total]).toEqual([
      3, 132, 278,
    ]);
    expect(ingress?.dropped).not.toHaveProperty('by failsafe');
  });
  test('a direction without a program has no counts', () => {
    expect(parseCounters(text('healthy-bpf', 'after.counters-dump.txt'), 'bpfin.cali')).toEqual({});
  });
  test('a name that is wrapped over two rows, as versions up to v3.32 print it', () => {
    const wrapped = `
+----------+--------------------------------+---------+--------+-----+
| CATEGORY |              TYPE              | INGRESS | EGRESS | XDP |
+----------+--------------------------------+---------+--------+-----+
| Dropped  | by policy                      |       1 |      2 | N/A |
|          | NAT source collision           |       0 |      7 | N/A |
|          | resolution failed              |         |        |     |
| Total    | packets                        |       9 |     11 | N/A |
+----------+--------------------------------+---------+--------+-----+
dumped cali1 counters.
`;
    expect(parseCounters(wrapped, 'cali1').ingress).toEqual({
      dropped: { 'by policy': 2, 'NAT source collision resolution failed': 7 },
      total: 11,
    });
  });
  test('another interface, or none, is no answer', () => {
    expect(lookErrorOf(() => parseCounters(text('healthy-bpf', 'after.counters-dump.txt'), 'cali1'))?.code).toBe(
      'not-parsed',
    );
    fc.assert(fc.property(fc.string(), (any) => lookErrorOf(() => parseCounters(any, 'cali1'))?.code === 'not-parsed'));
  });
});

describe('what the programs know of an interface', () => {
  test('a programmed pod is ready, and packets are delivered to its interface', () => {
    expect(parseState(text('healthy-bpf', 'ifstate-dump.txt'), pod)).toEqual({ state: 'ready', index: 3 });
    expect(parseDelivery(text('healthy-bpf', 'routes-dump.txt'), '10.244.1.5', 3)).toBe('interface');
    expect(parseDelivery(text('healthy-bpf', 'routes-dump.txt'), '10.244.1.5', 8)).toBe('other');
  });
  test('a pod that came while Felix was down is absent', () => {
    expect(parseState(text('felix-stopped-new-pod-bpf', 'ifstate-dump.txt'), 'caliee58aa3412c').state).toBe('absent');
    expect(parseDelivery(text('felix-stopped-new-pod-bpf', 'routes-dump.txt'), '10.244.1.6', null)).toBe('absent');
  });
  test('an address of another node is not delivered here', () => {
    expect(parseDelivery(text('healthy-bpf', 'routes-dump.txt'), '10.250.0.12', null)).toBe('absent');
  });
  test('without any interface or route, nothing is known', () => {
    fc.assert(fc.property(fc.string(), (any) => parseState(any, pod).state === 'unknown'));
    fc.assert(fc.property(fc.string(), (any) => parseDelivery(any, '10.244.1.5', 3) === 'unknown'));
  });
  test('one that is not ready', () => {
    expect(parseState('    4 : {flags: workload, XDPPolicyV4: -1, name: cali1}', 'cali1')).toEqual({
      state: 'not-ready',
      index: 4,
    });
  });
});

describe('attached programs', () => {
  test.each([
    ['healthy-bpf', 'yes'],
    ['healthy-tc-bpf', 'yes'],
    ['program-detached-bpf', 'no'],
  ])('%s: %s', (capture, answer) => {
    expect(parseAttached(text(capture, 'bpftool-7.5-net.txt'), pod)).toEqual({ ingress: answer, egress: answer });
  });
  test('one of the two', () => {
    const one = 'xdp:\n\ntc:\ncali1(4) tcx/ingress cali_tc_preamble prog_id 7 link_id 9\n';
    expect(parseAttached(one, 'cali1')).toEqual({ ingress: 'no', egress: 'yes' });
  });
  test('a bpftool that shows no program of Felix at all says nothing', () => {
    const unknown = { ingress: 'unknown', egress: 'unknown' };
    expect(parseAttached(text('healthy-bpf', 'bpftool-7.1-net.txt'), pod)).toEqual(unknown);
    expect(parseAttached('tc:\neth0(2) tcx/ingress other prog_id 7\n', pod)).toEqual(unknown);
    fc.assert(fc.property(fc.string(), (any) => parseAttached(any, pod).ingress === 'unknown'));
  });
  test("a netkit device's programs stand at hooks of its own", () => {
    const netkit = 'tc:\ncali1(4) netkit/peer cali_tc_preamble prog_id 7\n';
    expect(parseAttached(netkit, 'cali1')).toEqual({ ingress: 'yes', egress: 'yes' });
  });
});

describe('sections', () => {
  test('an error of Calico exits 0, and is an error', () => {
    const said = [...errors.matchAll(/^\$ calico-bpf (\w+) dump[^\n]*\n(time=[^\n]+)\nexit (\d)$/gm)];
    expect(said.length).toBeGreaterThan(5);
    for (const [, verb = '', log = '', exit] of said) {
      const stdout = `# ${verb}\n${log}\n# end ${exit}\n`;
      expect(lookErrorOf(() => dumpOf(stdout, verb))?.message).toMatch(
        /no such file or directory|failed to access|invalid number/,
      );
    }
  });
  test.each([
    ['cut off', '# policy\nIfaceName: cali1\n', 'not-parsed'],
    ['not there', '', 'not-parsed'],
    ['too slow', '# policy\n# end 124\n', 'timeout'],
    ['refused', '# policy\nError: unknown command "policy"\n# end 1\n', 'command-failed'],
  ])('%s', (_, stdout, code) => {
    expect(lookErrorOf(() => dumpOf(stdout, 'policy'))?.code).toBe(code);
  });
  test('warnings beside an answer are left out', () => {
    const stdout = '# states\ntime="2026-11-25T19:28:31Z" level=warning msg="slow"\n 1 : {}\n# end 0\n';
    expect(dumpOf(stdout, 'states')).toBe(' 1 : {}');
  });
});
