import { describe, expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { calicoNodes } from '../../../src/probes/datastore/calico-nodes.ts';
import { captured, changed, droppedBy, leg, valueOf, withWalk, type Facts } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const healthy = await captured('healthy-legacy');
const overVxlan = await captured('healthy-vxlan-legacy');
const kubernetesNodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));
const node = {
  stdout:
    'kind: Node\nmetadata:\n  name: n1\nspec:\n  bgp:\n    ipv4Address: 10.250.0.11/24\n    ipv4IPIPTunnelAddr: 10.244.1.0\n',
};
const look = async (facts: Facts, script: Script = { 'calicoctl-get-node': node }, to: readonly string[] = []) =>
  probing(calicoNodes, {
    script,
    facts: {
      'tunnel-neighbours': to.map((destination) => ({
        node: 'n2',
        peer: 'n1',
        device: 'vxlan.calico',
        gateway: '10.244.1.0',
        entry: null,
        destinations: [destination],
      })),
      flow: valueOf(facts, 'flow'),
      walks: valueOf(facts, 'walks'),
      nodes: kubernetesNodes,
      pod: { ...valueOf(facts, 'pod'), spec: { ...valueOf(facts, 'pod').spec, nodeName: 'n1' } },
      'routes@target': valueOf(facts, 'routes@target'),
      'routes@source': valueOf(facts, 'routes@source'),
    },
  }).fact('calico-nodes');
const refused = (where: 'target-outer' | 'reply-source-outer') =>
  withWalk(
    healthy,
    droppedBy(
      leg(healthy, where),
      { kind: 'calico-static', name: 'cali-INPUT' },
      { comments: ['Drop IPIP packets from non-Calico hosts'] },
    ),
  );
const routed = (gateway: string | null) =>
  changed(healthy, {
    'routes@source': valueOf(healthy, 'routes@source').flatMap((route) =>
      route.device !== 'tunl0' ? [route] : gateway === null ? [] : [{ ...route, gateway }],
    ),
  });

describe('nobody is asked where nothing depends on the addresses', () => {
  test.each([
    ['IP in IP', healthy],
    ['VXLAN, whose gateways are inside the tunnel', overVxlan],
  ])('%s', async (_, facts) => {
    expect(codeOf(await look(facts))).toBe('not-applicable');
  });
  test('two pods of one node', async () => {
    const flow = valueOf(healthy, 'flow');
    expect(
      codeOf(await look(changed(routed(null), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } }))),
    ).toBe('not-applicable');
  });
});

test.each([
  ['a node refuses the request', refused('target-outer')],
  ['a node refuses the reply', refused('reply-source-outer')],
  ['the route is missing', routed(null)],
  ['the route has another gateway', routed('192.0.2.7')],
])('both are asked for: %s', async (_, facts) => {
  const fact = await look(facts);
  expect(fact).toMatchObject({
    status: 'observed',
    value: [
      { node: 'n2', object: { spec: { bgp: { ipv4Address: '10.250.0.11/24' } } } },
      { node: 'n1', object: { spec: { bgp: { ipv4Address: '10.250.0.11/24' } } } },
    ],
  });
  expect(fact.evidence.map(({ excerpt }) => excerpt.split('\n').length)).toEqual([3, 3]);
});

test.each<[string, Script['calicoctl-get-node'] & object, string]>([
  ['silent', { exit: null, timedOut: true }, 'datastore-unreachable'],
  ['refused', { exit: 1, stderr: 'connection is unauthorized' }, 'datastore-unreachable'],
  ['not installed', { exit: 127, stderr: 'not found' }, 'tool-missing'],
  ['empty', {}, 'not-parsed'],
  ['cut off', { ...node, truncated: true }, 'output-too-large'],
  ['unreachable', new LookError('ssh-lost', 'gone'), 'ssh-lost'],
])('an answer that is none: %s', async (_, answer, code) => {
  expect(codeOf(await look(refused('target-outer'), { 'calicoctl-get-node': answer }))).toBe(code);
});

test('both are asked for where a tunnel leads to another address than that of the node', async () => {
  expect(codeOf(await look(overVxlan, undefined, ['10.250.0.11']))).toBe('not-applicable');
  expect(await look(overVxlan, undefined, ['10.250.0.99'])).toMatchObject({ status: 'observed' });
});

test('a node that the datastore does not have', async () => {
  const none = { stdout: 'null\n', stderr: 'resource does not exist: Node(n1) with error: <nil>', exit: 1 };
  expect(await look(refused('target-outer'), { 'calicoctl-get-node': none })).toMatchObject({
    value: [
      { node: 'n2', object: null },
      { node: 'n1', object: null },
    ],
  });
});
