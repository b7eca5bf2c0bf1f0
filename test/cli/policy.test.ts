/** Which policies select a pod, and who may reach it: from captured datastores, and from an API server alone. */
import { describe, expect, test } from '@jest/globals';
import { createBlindShells } from '../../src/adapters/node-helper/blind-shells.ts';
import { policyText } from '../../src/cli/policy/policy-text.ts';
import { exitOf } from '../../src/cli/policy/policy.ts';
import type { PolicyReport } from '../../src/model/policy-report.ts';
import { readReport } from '../../src/runs/read-policies.ts';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import type { NodeAddress, NodeShells } from '../../src/model/ports.ts';
import { parsePort, parseSource, type Parsed } from '../../src/model/target-grammar.ts';
import type { Target } from '../../src/model/target.ts';
import { readCapture } from '../cases/capture.ts';
import { captureDeps } from '../cases/judge-capture.ts';
import { clusterOf } from '../probes/cluster-of.ts';
import { calicoObject, kubernetesPolicy, smallCluster, smallPod } from '../support/kubernetes-calico.ts';

const valid = <T>(parsed: Parsed<T>): T => {
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.value;
};
const target = (pod: string, from: string | null, port = '8080/tcp'): Target => ({
  cluster: 'default',
  namespace: 'default',
  pod,
  from: from === null ? null : valid(parseSource(from)),
  port: from === null ? null : valid(parsePort(port)),
});
const signal = new AbortController().signal;
const words = ({ answer }: PolicyReport) =>
  answer && [answer.decision, answer.egress?.decision ?? null, answer.ingress?.decision ?? null];

const calico = (name: string, spec: object, namespace: string | null = 'default') =>
  calicoObject(namespace === null ? 'GlobalNetworkPolicy' : 'NetworkPolicy', name, spec, namespace);
const ofCapture = (name: string, asked: Target) => readReport(captureDeps(readCapture(name)), asked, signal);

describe('captured datastores in etcd', () => {
  test.each<[string, string, string, string, readonly string[], RegExp]>([
    ['healthy-legacy', 'mypod', 'pod:default/client', '8080/tcp', ['allow', 'allow', 'allow'], /profile kns\.default/],
    ['k8s-deny-ingress-legacy', 'mypod', 'pod:default/client', '8080', ['deny', 'allow', 'deny'], /deny-all-ingress/],
    [
      'policies-legacy',
      'mypod',
      'pod:default/client',
      '8080',
      ['allow', 'allow', 'allow'],
      /rule 1 of policy default\/web/,
    ],
    ['policies-nft', 'mypod', 'pod:default/client', '2250', ['deny', 'allow', 'deny'], /rule 2 of policy .*web-guard/],
    ['policies-nft', 'mypod', 'pod:default/client', '9090', ['deny', 'allow', 'deny'], /tier default/],
  ])('%s: %s from %s on %s is %j', async (name, pod, from, port, decided, by) => {
    const report = await ofCapture(name, target(pod, from, port));
    expect(words(report)).toEqual(decided);
    expect(report.answer?.ingress?.by).toMatch(by);
  });

  test('lists policies by tier and order, each with its rules in words', async () => {
    const { policies } = await ofCapture('policies-nft', target('mypod', null));
    expect(policies?.policies.map(({ kind, name, tier, order }) => [kind, name, tier, order])).toEqual([
      ['GlobalNetworkPolicy', 'security.no-egress-to-metadata', 'security', 5],
      ['NetworkPolicy', 'security.web-guard', 'security', 10],
      ['NetworkPolicy', 'security.web-guard-second', 'security', 20],
      ['NetworkPolicy', 'web-from-client-and-shop-api', 'default', 1000],
    ]);
    expect(policies?.policies.at(-1)?.ingress).toEqual([
      { number: 1, action: 'Allow', matches: "pods with app == 'client' in namespace default on 8080/tcp" },
      {
        number: 2,
        action: 'Allow',
        matches: "pods with app == 'api' in namespaces with team == 'shop' on 8080/tcp",
      },
    ]);
    expect(policies?.ingress).toEqual({
      tiers: ['security', 'default'].map((name) => ({ name, otherwise: 'deny' })),
      reachesProfiles: false,
    });
    expect(policies?.egress.reachesProfiles).toBe(true);
  });

  test('without a way to the nodes nothing is known, and the reason is told', async () => {
    const deps = { ...captureDeps(readCapture('policies-nft')), shells: createBlindShells('SSH_KEY_FILE is not set') };
    const report = await readReport(deps, target('mypod', 'pod:default/client'), signal);
    expect(words(report)).toEqual(['unknown', null, null]);
    expect(report.policies).toBeNull();
    expect(report.unread).toBe('nodes are not read: SSH_KEY_FILE is not set');
    expect([exitOf(report), exitOf({ ...report, answer: null })]).toEqual([2, 2]);
    expect(policyText(report)).toMatch(/^Unknown: /);
    expect(policyText(report)).toMatch(/\ncalico-chatops diagnose \S+\n$/);
    expect(policyText({ ...report, cluster: 'west' })).toMatch(/\ncalico-chatops diagnose \S+ --cluster west\n$/);
  });
});

describe('an API server that is the datastore', () => {
  /** Commands on nodes. */
  const started: string[] = [];
  const deps = (more: readonly KubernetesObject[], refused: Readonly<Record<string, number | null>> = {}) => ({
    ...captureDeps(readCapture('healthy-legacy')),
    cluster: clusterOf(smallCluster(more), { refused }),
    shells: {
      ...createBlindShells('SSH_KEY_FILE is not set'),
      shell: (node: NodeAddress) => ({
        node: node.name,
        start: (call: Parameters<ReturnType<NodeShells['shell']>['start']>[0]) => {
          started.push(`${node.name} ${call.command.id}`);
          return createBlindShells('SSH_KEY_FILE is not set').shell(node).start(call);
        },
      }),
    },
  });
  const ask = (more: readonly KubernetesObject[], from: string | null, refused = {}, port?: string, pod = 'web') =>
    readReport(deps(more, refused), target(pod, from, port), signal);

  const web = { matchLabels: { app: 'web' } };
  const fromClient = kubernetesPolicy('from-client', {
    podSelector: web,
    policyTypes: ['Ingress'],
    ingress: [
      { from: [{ podSelector: { matchLabels: { app: 'client' } } }], ports: [{ protocol: 'TCP', port: 8080 }] },
    ],
  });
  const noEgress = kubernetesPolicy('no-egress', {
    podSelector: { matchLabels: { app: 'client' } },
    policyTypes: ['Egress'],
  });
  const shopEgress = kubernetesPolicy('no-egress', { podSelector: {}, policyTypes: ['Egress'] }, 'shop');
  const rule = (more: object) => calico('p', { selector: "app == 'web'", types: ['Ingress'], ingress: [more] });

  test.each<[string, readonly KubernetesObject[], string, readonly string[]]>([
    ['no policy', [], 'pod:default/client', ['allow', 'allow', 'allow']],
    ['an admitted pod', [fromClient], 'pod:default/client', ['allow', 'allow', 'allow']],
    ['a pod of the same label elsewhere', [fromClient], 'pod:shop/api', ['deny', 'allow', 'deny']],
    ['egress of the source', [fromClient, noEgress], 'pod:default/client', ['deny', 'deny', 'allow']],
    ['egress in the namespace of the source', [shopEgress], 'pod:shop/api', ['deny', 'deny', 'allow']],
    ['a node and its own pod', [fromClient], 'node:node-a', ['allow', 'allow', 'allow']],
    ['another node, which labels do not admit', [fromClient], 'node:node-b', ['deny', 'unknown', 'deny']],
    ['a pod on the network of its node', [], 'pod:default/agent', ['unknown', 'unknown', 'allow']],
    ['an address outside, without policies', [], 'outside:203.0.113.5', ['allow', 'allow', 'allow']],
    ['the pod itself', [fromClient], 'pod:default/web', ['allow', 'allow', 'allow']],
    [
      'another node, where addresses are named',
      [rule({ action: 'Allow', source: { nets: ['192.0.2.12/32'] } })],
      'node:node-b',
      ['unknown', 'unknown', 'unknown'],
    ],
    [
      'a rule by services',
      [rule({ action: 'Allow', source: { services: { name: 'x' } } })],
      'pod:default/client',
      ['unknown', 'allow', 'unknown'],
    ],
    [
      'a field of a later version',
      [rule({ action: 'Allow', moonPhase: 'full' })],
      'pod:default/client',
      ['unknown', 'allow', 'unknown'],
    ],
    [
      'a selector that is none',
      [calico('odd', { selector: 'app ==', ingress: [{ action: 'Allow' }] })],
      'pod:default/client',
      ['unknown', 'unknown', 'unknown'],
    ],
    [
      'a tier that does not exist',
      [calico('late.p', { tier: 'late', selector: 'all()', types: ['Ingress'], ingress: [{ action: 'Allow' }] }, null)],
      'pod:default/client',
      ['unknown', 'allow', 'unknown'],
    ],
    [
      'policies for the whole cluster',
      [
        {
          apiVersion: 'policy.networking.k8s.io/v1alpha1',
          kind: 'AdminNetworkPolicy',
          metadata: { name: 'deny-all' },
        },
      ],
      'pod:default/client',
      ['unknown', null as unknown as string, null as unknown as string],
    ],
  ])('%s', async (_title, more, from, decided) => {
    const report = await ask(more, from);
    expect(words(report)).toEqual(decided);
    expect(exitOf(report)).toBe({ allow: 0, deny: 1, unknown: 2 }[decided[0] as 'allow']);
  });

  test.each(['NetworkPolicy', 'GlobalNetworkPolicy', 'Tier', 'NetworkSet', 'Namespace', 'IPPool'])(
    'is unknown, never yes, where %s may not be read',
    async (kind) => {
      for (const status of [403, null])
        expect((await ask([], 'pod:default/client', { [kind]: status })).answer?.decision).toBe('unknown');
    },
  );

  test('a target on the network of its node is unknown: no policy of pods judges there', async () => {
    const report = await ask([], 'pod:default/client', {}, '8080/tcp', 'agent');
    expect(words(report)?.[0]).toBe('unknown');
    expect(report.unread).toBe('a hostNetwork pod has no Calico endpoint');
  });

  test('a pod that leaves the pools is seen with the address of its node', async () => {
    const away = smallPod({ name: 'away', address: '10.99.0.5' });
    const report = await ask([away], 'pod:default/client', {}, '8080/tcp', 'away');
    expect(report.answer?.decision).toBe('unknown');
  });

  const staged = [
    calicoObject('StagedNetworkPolicy', 'default.try', {
      tier: 'default',
      selector: "app == 'web'",
      types: ['Ingress'],
      stagedAction: 'Set',
    }),
    calicoObject('StagedGlobalNetworkPolicy', 'default.gone', { selector: 'all()', stagedAction: 'Delete' }, null),
    calicoObject('StagedKubernetesNetworkPolicy', 'later', { podSelector: web, policyTypes: ['Ingress'] }),
    calicoObject('StagedNetworkPolicy', 'default.other', { selector: "app == 'db'", types: ['Ingress'] }),
  ];

  test('names staged policies that select the pod, and lets none of them decide', async () => {
    const report = await ask(staged, 'pod:default/client');
    expect(words(report)).toEqual(['allow', 'allow', 'allow']);
    expect(report.policies?.policies).toEqual([]);
    const found = report.policies?.staged ?? [];
    expect('unread' in found ? found : found.map(({ kind, name, stagedAction }) => [kind, name, stagedAction])).toEqual(
      [
        ['StagedKubernetesNetworkPolicy', 'later', null],
        ['StagedGlobalNetworkPolicy', 'default.gone', 'Delete'],
        ['StagedNetworkPolicy', 'default.try', 'Set'],
      ],
    );
    expect(policyText(report)).toContain('Staged, not in force');
  });
  test('says that staged policies were not read, and still decides', async () => {
    const report = await ask(staged, 'pod:default/client', { StagedNetworkPolicy: 403 });
    expect(report.answer?.decision).toBe('allow');
    expect(report.policies?.staged).toEqual({ unread: expect.stringContaining('StagedNetworkPolicy') });
  });
  test('a version of Calico without the staged kinds has none', async () => {
    const refused = { StagedNetworkPolicy: 404, StagedGlobalNetworkPolicy: 404, StagedKubernetesNetworkPolicy: 404 };
    expect((await ask(staged, null, refused)).policies?.staged).toEqual([]);
  });
  test('names a policy of which it is not known whether it applies', async () => {
    const { policies } = await ask([calico('odd', { selector: 'app ==' })], null);
    expect(policies?.policies.map(({ name, doubt }) => [name, doubt])).toEqual([['odd', '"app ==" is not a selector']]);
    expect(policies?.ingress.reachesProfiles).toBe(true);
  });
  test('asks no node', () => {
    expect(started).toEqual([]);
  });
});
