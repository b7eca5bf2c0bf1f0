/** An entry is judged as Felix would judge it, with the policy that it goes into. */
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { CalicoPolicy, CalicoRule, WorkloadEndpoint } from '../../../src/model/calico.ts';
import { clusterPolicyKinds, type ClusterPolicyKind, type ClusterPolicyRule } from '../../../src/model/kubernetes.ts';
import type { FlowEnd } from '../../../src/model/flow.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { decide } from '../../../src/policy/decide.ts';
import { fromClusterPolicy } from '../../../src/policy/cluster-policy.ts';
import { policyOfV1 } from '../../../src/calico/v1-objects.ts';
import { fromKubernetes } from '../../../src/policy/kubernetes-policy.ts';
import type { Labels } from '../../../src/policy/selector.ts';
import { admittingEntry, type AdmittingQuestion } from '../../../src/rules/lib/admitting-entry.ts';
import { askPacket } from '../../../src/flow-walks/packets.ts';

const pod = (namespace: string, name: string, address: string): FlowEnd => ({
  kind: 'pod',
  namespace,
  name,
  address,
  node: 'n1',
  nodeAddress: '10.0.0.1',
  interface: 'cali1',
});
const endpoint = (labels: Record<string, string>): WorkloadEndpoint => ({
  metadata: { name: 'e', labels },
  spec: { node: 'n1', interfaceName: 'cali1', ipNetworks: [] },
});
const client = pod('default', 'client', '10.244.2.7');
const api = pod('shop', 'api', '10.244.2.9');
const target = pod('default', 'mypod', '10.244.1.5');
const onHost: FlowEnd = { ...client, interface: null, address: '10.0.0.2' };
const outside: FlowEnd = {
  ...client,
  kind: 'outside',
  namespace: null,
  node: null,
  interface: null,
  address: '192.0.2.9',
};
const tcp: FlowPort = { protocol: 'tcp', number: 8080 };
const labelled = { app: 'client', 'pod-template-hash': '5d8f', 'projectcalico.org/orchestrator': 'k8s' };

const asked: AdmittingQuestion = {
  direction: 'ingress',
  api: 'kubernetes',
  namespace: 'default',
  peer: client,
  seen: client.address,
  endpoint: endpoint(labelled),
  port: tcp,
};

/** What the pod's namespace and Calico add to a pod's labels. */
const labelsOf =
  ({ namespace }: FlowEnd, own: Readonly<Record<string, string>>): Labels =>
  (label) =>
    ({
      'projectcalico.org/orchestrator': 'k8s',
      'projectcalico.org/namespace': namespace ?? '',
      'pcns.projectcalico.org/name': namespace ?? '',
      'calico/k8s_ns': namespace ?? '',
      'pcns.kubernetes.io/metadata.name': namespace ?? '',
      ...own,
    })[label] ?? null;

function policyWith(entry: unknown, { api, namespace, direction }: AdmittingQuestion): CalicoPolicy {
  const types = [direction === 'ingress' ? 'Ingress' : 'Egress'];
  const metadata = { name: 'p', ...(namespace === null ? {} : { namespace }) };
  if (api === 'kubernetes')
    return fromKubernetes({
      metadata,
      spec: { podSelector: {}, policyTypes: types, [direction]: entry },
    });
  if (api === 'calico-v1')
    return policyOfV1({
      metadata,
      spec: {
        types: [direction],
        selector: 'all()',
        [direction]: [...(entry as readonly CalicoRule[]), { action: 'deny' }],
      },
    });
  if (api !== 'calico') return clusterPolicyWith(entry, api, direction);
  return {
    kind: namespace === null ? 'GlobalNetworkPolicy' : 'NetworkPolicy',
    metadata,
    spec: { types, selector: 'all()', [direction]: [...(entry as readonly CalicoRule[]), { action: 'Deny' }] },
  };
}

/** The policy denies every pod, and to networks everything. */
function clusterPolicyWith(entry: unknown, kind: ClusterPolicyKind, direction: 'ingress' | 'egress'): CalicoPolicy {
  const deny: ClusterPolicyRule = {
    action: 'Deny',
    ...(direction === 'ingress' ? { from: [{ namespaces: {} }] } : { to: [{ networks: ['0.0.0.0/0'] }] }),
  };
  const policy = fromClusterPolicy(kind, {
    metadata: { name: 'p' },
    spec: {
      tier: 'Admin',
      subject: { namespaces: {} },
      [direction]: [...((entry as readonly ClusterPolicyRule[] | null) ?? []), deny],
    },
  });
  if (!policy) throw new Error('Felix would skip the policy');
  return { ...policy, spec: { ...policy.spec, tier: 'default' } };
}

/** What the policy with this entry says of a packet of another pod, or of the peer itself. */
function decision(
  question: AdmittingQuestion,
  text: string,
  other: { address?: string; labels?: Record<string, string>; port?: FlowPort; end?: FlowEnd } = {},
) {
  const { direction, peer, seen, port } = question;
  const end = other.end ?? peer;
  const known = other.labels ?? question.endpoint?.metadata.labels ?? {};
  const peerEnd = { members: end.interface === null ? [] : [{ labels: labelsOf(end, known), ports: [] }] };
  const own = { members: [{ labels: labelsOf(target, { app: 'web' }), ports: [] }] };
  const there = { address: other.address ?? seen };
  const isIngress = direction === 'ingress';
  return decide({
    direction,
    packet: isIngress ? askPacket(there, target, other.port ?? port) : askPacket(target, there, other.port ?? port),
    labels: labelsOf(target, { app: 'web' }),
    profiles: [],
    source: isIngress ? peerEnd : own,
    destination: isIngress ? own : peerEnd,
    tiers: [],
    policies: [policyWith(text === '' ? [] : parse(text), question)],
  }).decision;
}

const kinds: readonly (readonly [string, Partial<AdmittingQuestion>])[] = [
  ["Kubernetes' own", { api: 'kubernetes', namespace: 'default' }],
  ["Calico's of a namespace", { api: 'calico', namespace: 'default' }],
  ["Calico's for all", { api: 'calico', namespace: null }],
  ['one of Calico 2.x', { api: 'calico-v1', namespace: null }],
];
const flows: readonly (readonly [string, Partial<AdmittingQuestion>])[] = [
  ['a pod of the namespace', {}],
  ['a pod of another namespace', { peer: api, seen: api.address, endpoint: endpoint({ app: 'api' }) }],
  ['a pod with a label of its own', { endpoint: endpoint({ 'example.com/part': '7', 'pod-template-hash': 'x' }) }],
  ['a pod whose label looks like another thing', { endpoint: endpoint({ app: 'true' }) }],
  ['a pod without labels', { endpoint: endpoint({}) }],
  ['a pod that the datastore did not tell', { endpoint: null }],
  ['a hostNetwork pod with a tunnel address', { peer: onHost, seen: '10.244.2.0' }],
  ['a pod with a rewritten address', { seen: '10.0.0.2' }],
  ['a host outside', { peer: outside, seen: outside.address, endpoint: null }],
  ['UDP', { port: { protocol: 'udp', number: 53 } }],
  ['ICMP', { port: { protocol: 'icmp' } }],
];
const cases = kinds.flatMap(([kind, of]) =>
  (['ingress', 'egress'] as const).flatMap((direction) =>
    flows.map(([flow, change]) => ({ kind, direction, flow, question: { ...asked, direction, ...of, ...change } })),
  ),
);

describe('the entry admits the flow, which the policy denies without it', () => {
  test.each(cases)('$kind, $direction, $flow', ({ question }) => {
    const text = admittingEntry(question);
    expect([decision(question, ''), decision(question, text)]).toEqual(['deny', 'allow']);
  });
});

test.each(kinds.filter(([, { api: kind }]) => kind !== 'calico-v1'))('%s admits a ping of IPv6', (_, of) => {
  const away = { ...outside, address: 'fd00::9' };
  const ping = {
    direction: 'egress',
    peer: away,
    seen: away.address,
    endpoint: null,
    port: { protocol: 'icmp' },
  } as const;
  const question: AdmittingQuestion = { ...asked, ...of, ...ping };
  expect([decision(question, ''), decision(question, admittingEntry(question))]).toEqual(['deny', 'allow']);
});

const clusterQuestion = (kind: ClusterPolicyKind, change: Partial<AdmittingQuestion>): AdmittingQuestion => ({
  ...asked,
  api: kind,
  namespace: null,
  peer: api,
  seen: api.address,
  endpoint: endpoint({ app: 'api' }),
  ...change,
});

describe('a policy for the whole cluster', () => {
  const changes: readonly Partial<AdmittingQuestion>[] = [
    {},
    { direction: 'egress' },
    { direction: 'egress', peer: outside, seen: outside.address, endpoint: null },
    { port: { protocol: 'udp', number: 53 } },
    { port: { protocol: 'icmp' } },
  ];
  test.each(clusterPolicyKinds)('%s: its entry admits the flow, and no other pod', (kind) => {
    for (const one of changes.map((change) => clusterQuestion(kind, change))) {
      const text = admittingEntry(one);
      expect([decision(one, ''), decision(one, text)]).toEqual(['deny', 'allow']);
      if (one.peer === api) expect(decision(one, text, { labels: { app: 'stranger' } })).toBe('deny');
    }
  });
  test.each(clusterPolicyKinds)('%s: says that it cannot allow an address to come in', (kind) => {
    expect(admittingEntry(clusterQuestion(kind, { peer: outside, seen: outside.address, endpoint: null }))).toMatch(
      /^# an? \w+ cannot allow an address: /,
    );
  });
});

describe('it admits little else', () => {
  test.each(kinds)('%s', (_, of) => {
    const question = { ...asked, ...of };
    const text = admittingEntry(question);
    expect([
      decision(question, text, { port: { protocol: 'tcp', number: 8081 } }),
      decision(question, text, { labels: { app: 'stranger' } }),
      decision(question, text, { end: api }),
    ]).toEqual(['deny', 'deny', 'deny']);
    const byAddress = { ...question, peer: onHost, seen: '10.244.2.0' };
    expect(decision(byAddress, admittingEntry(byAddress), { address: '10.244.2.1' })).toBe('deny');
  });
});

test('it is short', () => {
  expect(admittingEntry(asked)).toBe(
    ['- from:', '    - podSelector: {matchLabels: {app: client}}', '  ports: [{protocol: TCP, port: 8080}]'].join('\n'),
  );
  expect(admittingEntry({ ...asked, api: 'calico', peer: api, seen: api.address })).toBe(
    [
      '- action: Allow',
      '  protocol: TCP',
      `  source: {selector: "app == 'client'", namespaceSelector: "projectcalico.org/name == 'shop'"}`,
      '  destination: {ports: [8080]}',
    ].join('\n'),
  );
});
test('labels that mean something to YAML or a selector are not used', () => {
  const strange = endpoint({ "a' || all()": 'x', 'b: {}': 'y' });
  for (const kind of ['kubernetes', 'calico'] as const)
    expect(admittingEntry({ ...asked, api: kind, endpoint: strange })).toContain('10.244.2.7/32');
});
