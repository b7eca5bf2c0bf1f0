import { expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import type { PodPrograms } from '../../../src/model/ebpf-programs.ts';
import { bpfDataplaneNotReady as rule } from '../../../src/rules/felix/bpf-dataplane-not-ready.ts';
import { blind, captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const healthy = await captured('healthy-bpf');
const detached = await captured('program-detached-bpf');
const withoutEbpf = await captured('healthy-legacy');

const having = (change: Partial<PodPrograms>, at: 'n1' | 'n2' = 'n1'): Facts =>
  changed(healthy, {
    programs: valueOf(healthy, 'programs').map((one) => (one.node === at ? { ...one, ...change } : one)),
  });
const none = { ingress: 'no', egress: 'no' } as const;
const fromNode = (node: string): Facts => {
  const flow = valueOf(detached, 'flow');
  return changed(detached, { flow: { ...flow, source: { ...flow.source, kind: 'node', interface: null, node } } });
};

const inKubernetes = (facts: Facts): Facts =>
  changed(facts, {
    'datastore-kind': { kind: 'kubernetes', api: 'crd.projectcalico.org/v1', interfacePrefix: 'cali' },
    'calico-node-access': { account: { namespace: 'kube-system', name: 'calico-node' }, reviews: [] },
  });

testRule(rule, {
  lab: { none: "the lab has no eBPF maps of Felix: captures of a real node's dumps stand for them" },
  rows: [
    ['programs of both pods are attached', () => healthy, 'pass'],
    ['by tc as well', () => captured('healthy-tc-bpf'), 'pass'],
    ['a node with packet filters has none', () => withoutEbpf, 'not-applicable'],
    [
      "somebody took the pod's programs away",
      () => detached,
      [
        {
          finding: 'detached Interface cali4e199eba087 @n1 read stops',
          lacks: ['felix:n1'],
          withholds: ['programming:n1'],
          data: { pod: 'default/mypod' },
        },
      ],
    ],
    [
      'offers to restart Felix where its datastore is known',
      () => changed(detached, { 'datastore-kind': { kind: 'etcdv3' } }),
      ['detached Interface cali4e199eba087 @n1 read stops'],
    ],
    [
      'the same in the Kubernetes datastore, with the account of Felix',
      () => inKubernetes(detached),
      ['detached Interface cali4e199eba087 @n1 read stops'],
    ],
    [
      "the same on the source's node",
      () => having({ attached: none }, 'n2'),
      ['detached Interface calia7a3e029a7b @n2 read stops'],
    ],
    [
      'the node reaches its own pod without them',
      () => fromNode('n1'),
      ['detached Interface cali4e199eba087 @n1 read'],
    ],
    ['another node does not', () => fromNode('n2'), ['detached Interface cali4e199eba087 @n1 read stops']],
    [
      'Felix never attached them',
      () => having({ attached: none, state: 'absent' }),
      ['unattached Interface cali4e199eba087 @n1 read stops'],
    ],
    [
      'the program to the pod alone is missing',
      () => having({ attached: { ingress: 'no', egress: 'yes' } }),
      ['unpoliced Interface cali4e199eba087 @n1 read'],
    ],
    [
      'the maps are of another version',
      () => having({ otherVersion: 'calico-node looks for cali_counters6, and the node has cali_counters5' }),
      ['version Node n1 @n1 read'],
    ],
    [
      'kube-proxy serves Services as well',
      () =>
        changed(having({ kubeProxies: ['812'] }), {
          datastore: { ...valueOf(healthy, 'datastore'), keepsKubeProxyRules: false },
        }),
      [{ finding: 'twice Node n1 @n1 read', data: { proxies: '812' } }],
    ],
    [
      'where Felix leaves its rules alone, that is wanted',
      () =>
        changed(having({ kubeProxies: ['812'] }), {
          datastore: { ...valueOf(healthy, 'datastore'), keepsKubeProxyRules: true },
        }),
      'pass',
    ],
    [
      'what Felix does with its rules is not known',
      () => blind(having({ kubeProxies: ['812'] }), ['datastore']),
      'pass',
    ],
    ['nor where its configuration was not read', () => having({ kubeProxies: ['812'] }), 'pass'],
    [
      'no bpftool shows what is attached',
      () => having({ attached: { ingress: 'unknown', egress: 'unknown' } }),
      'inconclusive',
    ],
    [
      'one pod was not read',
      () => changed(healthy, { programs: valueOf(healthy, 'programs').slice(1) }),
      'inconclusive',
    ],
    ['nothing was read', () => blind(healthy, ['programs']), 'inconclusive'],
    ['no flow', () => blind(healthy, ['flow']), 'inconclusive'],
    ['the dataplane is not known', () => blind(healthy, ['dataplanes']), 'inconclusive'],
    [
      'how Calico was installed is not known',
      () => blind(detached, ['install']),
      ['detached Interface cali4e199eba087 @n1 read stops'],
    ],
  ],
});

const withAccount = expect.objectContaining({ account: 'kube-system/calico-node', interface: 'cali4e199eba087' });
test.each<[string, Partial<PodPrograms>, unknown]>([
  ['programs that are gone', { attached: none }, withAccount],
  ['the program to the pod', { attached: { ingress: 'no', egress: 'yes' } }, withAccount],
  ['not where Felix attached none', { attached: none, state: 'absent' }, expect.stringContaining('its log says why')],
  [
    'not where Felix attached only the one from the pod',
    { attached: { ingress: 'no', egress: 'yes' }, state: 'absent' },
    expect.stringContaining('its log says why'),
  ],
  ['not for another version', { otherVersion: 'x' }, expect.stringContaining('which version')],
  [
    'not for programs that are gone beside another version',
    { attached: none, otherVersion: 'x' },
    expect.stringContaining('which version'),
  ],
])('a restart of Felix is offered for %s', async (_, change, offered) => {
  const [finding] = findingsOf(await evaluated(rule, inKubernetes(having(change))));
  expect(finding?.fixInput ?? finding?.noFix).toEqual(offered);
});
