/** Flows that a pod sends to what is no pod, on what real Calico printed. */
import { describe, expect, test } from '@jest/globals';
import { observed, unavailable, type Fact } from '../../src/model/evidence.ts';
import type { KubernetesNode } from '../../src/model/kubernetes.ts';
import type { ServiceState } from '../../src/model/service.ts';
import type { FlowGoal } from '../../src/model/target.ts';
import { nodeOfGoal, sentFlow } from '../../src/computed/lib/sent-flow.ts';
import { captured, valueOf } from '../support/facts.ts';
import { end } from '../support/attempts.ts';

const node = (name: string, address: string): KubernetesNode => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});
const nodes = [node('n1', '10.0.0.1'), node('n2', '10.0.0.2')];
const api = (address: string, ready: 'yes' | 'no' = 'yes'): Fact<ServiceState> =>
  observed({
    namespace: 'default',
    name: 'kubernetes',
    type: 'ClusterIP',
    address: '198.51.100.1',
    ports: [{ name: 'https', protocol: 'tcp', number: 443, targetPort: '6443' }],
    askedPort: null,
    selector: null,
    onlyLocal: false,
    endpoints: [{ address, ready, node: null, pod: null, ports: [{ name: 'https', protocol: 'tcp', number: 6443 }] }],
  });

const settled = (goal: FlowGoal, service: Fact<ServiceState>) => {
  const flow = sentFlow(goal, end, { port: null, service, nodes, family: 4 });
  if (flow.status === 'unavailable') return [flow.code, nodeOfGoal(goal, nodes, service)];
  const { destination, port, service: served } = flow.value;
  return [destination.kind, destination.name, port, served?.port ?? null, nodeOfGoal(goal, nodes, service)];
};
const [icmp, https, own] = [
  { protocol: 'icmp' },
  { protocol: 'tcp', number: 6443 },
  { protocol: 'tcp', number: 443 },
] as const;
const none = unavailable('not-applicable', 'none was asked about');

test.each<[string, FlowGoal, Fact<ServiceState>, readonly unknown[]]>([
  ['a node', { kind: 'node', name: 'n1' }, none, ['node', 'n1', icmp, null, 'n1']],
  ['no such node', { kind: 'node', name: 'n9' }, none, ['api-not-found', 'n9']],
  ['outside', { kind: 'outside', address: '203.0.113.7' }, none, ['outside', '203.0.113.7', icmp, null, null]],
  ["a node's own address", { kind: 'outside', address: '10.0.0.2' }, none, ['node', 'n2', icmp, null, 'n2']],
  ['the API on a node', { kind: 'api' }, api('10.0.0.1'), ['node', 'n1', https, own, 'n1']],
  ['the API elsewhere', { kind: 'api' }, api('10.0.0.9'), ['outside', '10.0.0.9', https, own, null]],
  ['an API of IPv6 alone', { kind: 'api' }, api('2001:db8::9'), ['not-supported', null]],
  ['an API that is not ready', { kind: 'api' }, api('10.0.0.1', 'no'), ['not-applicable', null]],
  ['an API that was not read', { kind: 'api' }, none, ['needed-fact-missing', null]],
])('to %s', (_, goal, service, found) => {
  expect(settled(goal, service)).toEqual(found);
});

test('an API without an address of the family says which one it has', () => {
  const flow = sentFlow({ kind: 'api' }, end, { port: null, service: api('10.0.0.1'), nodes, family: 6 });
  expect(flow).toMatchObject({
    code: 'not-supported',
    reason: 'Service default/kubernetes has no IPv6 address (10.0.0.1), and the flow is of IPv6',
  });
});

describe('on captures', () => {
  const asked = { pod: 'client', from: null } as const;
  test('a flow that leaves the cluster is walked out and back on its one node', async () => {
    const facts = await captured('healthy-legacy', { ...asked, to: { kind: 'outside', address: '203.0.113.7' } });
    expect(valueOf(facts, 'walks').map(({ leg, node: at }) => [leg, at])).toEqual([
      ['source-egress', 'n2'],
      ['reply-source-ingress', 'n2'],
    ]);
    expect(facts.endpoint).toMatchObject({ code: 'not-applicable' });
    expect(facts['path-capture']).toMatchObject({ status: 'unavailable' });
  });
  test("a flow to the pod's own node is judged where the node takes it", async () => {
    const facts = await captured('healthy-legacy', { ...asked, to: { kind: 'node', name: 'n2' } });
    expect(valueOf(facts, 'walks').map(({ leg, hook }) => [leg, hook])).toEqual([
      ['same-node', 'INPUT'],
      ['reply-same-node', 'POSTROUTING'],
    ]);
  });
});
