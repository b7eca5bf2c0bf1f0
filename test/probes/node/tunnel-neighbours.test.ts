import { expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { tunnelNeighbours } from '../../../src/probes/node/tunnel-neighbours.ts';
import { inIpv6 } from '../../cases/as-ipv6.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const overVxlan = await captured('healthy-vxlan-legacy');
const overIpip = await captured('healthy-legacy');
const kubernetesNodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));
/** As n1 of the captured cluster says of n2; the scripted nodes say the same. */
const script: Script = {
  'ip-neighbour': { stdout: '10.244.2.0 dev vxlan.calico lladdr 66:aa:bb:cc:dd:02 PERMANENT \n' },
  'bridge-fdb': { stdout: '66:aa:bb:cc:dd:02 dst 10.250.0.12 self permanent\n' },
};
const look = async (facts: Facts, over: Script = {}) =>
  probing(tunnelNeighbours, {
    script: { ...script, ...over },
    facts: {
      flow: valueOf(facts, 'flow'),
      nodes: kubernetesNodes,
      pod: { ...valueOf(facts, 'pod'), spec: { ...valueOf(facts, 'pod').spec, nodeName: 'n1' } },
      ...Object.fromEntries(
        (['links@target', 'routes@target', 'links@source', 'routes@source'] as const).map((key) => [key, facts[key]]),
      ),
    },
  }).fact('tunnel-neighbours');
const found = { linkAddress: '66:aa:bb:cc:dd:02', state: 'PERMANENT' };
const at = (node: string, peer: string, gateway: string) => ({
  node,
  peer,
  device: 'vxlan.calico',
  gateway,
  entry: found,
  destinations: ['10.250.0.12'],
});

test('both nodes are asked for the next hop of their routes to each other', async () => {
  const fact = await look(overVxlan);
  expect(fact).toMatchObject({
    status: 'observed',
    value: [at('n2', 'n1', '10.244.1.0'), at('n1', 'n2', '10.244.2.0')],
  });
  expect(fact.evidence).toHaveLength(4);
});

test.each<[string, Script, object]>([
  ['no entry', { 'ip-neighbour': { stdout: '' } }, { entry: null, destinations: [] }],
  [
    'nobody answered',
    { 'ip-neighbour': { stdout: '10.244.2.0 dev vxlan.calico FAILED\n' } },
    { entry: { linkAddress: null, state: 'FAILED' }, destinations: [] },
  ],
  [
    'the entry is on another interface',
    { 'ip-neighbour': { stdout: '10.244.2.0 dev eth0 lladdr 66:aa:bb:cc:dd:02 STALE\n' } },
    { entry: null, destinations: [] },
  ],
  ['no forwarding entry', { 'bridge-fdb': { stdout: '' } }, { entry: found, destinations: [] }],
])('what is missing is said: %s', async (_, over, expected) => {
  expect(await look(overVxlan, over)).toMatchObject({ status: 'observed', value: [expected, expected] });
});

test('of IPv6 its neighbours are asked for', async () => {
  const both = { 'ip-6-neighbour': script['ip-neighbour'], 'bridge-fdb': script['bridge-fdb'] };
  const fact = await probing(tunnelNeighbours, {
    script: JSON.parse(inIpv6(JSON.stringify(both), 'vxlan.calico')),
    facts: {
      nodes: kubernetesNodes.map((one) => inIpv6(one, 'vxlan.calico')),
      pod: { ...valueOf(overVxlan, 'pod'), spec: { ...valueOf(overVxlan, 'pod').spec, nodeName: 'n1' } },
      ...Object.fromEntries(
        (['flow', 'links@target', 'routes@target', 'links@source', 'routes@source'] as const).map((key) => [
          key,
          inIpv6(overVxlan[key], 'vxlan.calico'),
        ]),
      ),
    },
  }).fact('tunnel-neighbours');
  expect(fact).toMatchObject({
    status: 'observed',
    value: inIpv6([at('n2', 'n1', '10.244.1.0'), at('n1', 'n2', '10.244.2.0')], 'vxlan.calico'),
  });
});

test('no node is asked where no packet goes into such a tunnel, or its device is gone', async () => {
  expect(codeOf(await look(overIpip))).toBe('not-applicable');
  const flow = valueOf(overVxlan, 'flow');
  const onOneNode = changed(overVxlan, { flow: { ...flow, source: { ...flow.source, node: 'n1' } } });
  expect(codeOf(await look(onOneNode))).toBe('not-applicable');
  const gone = changed(overVxlan, {
    'links@source': valueOf(overVxlan, 'links@source').filter(({ name }) => name !== 'vxlan.calico'),
  });
  expect(await look(gone)).toMatchObject({ value: [at('n1', 'n2', '10.244.2.0')] });
  expect(await look(blind(overVxlan, ['routes@target']))).toMatchObject({ value: [at('n2', 'n1', '10.244.1.0')] });
});

test.each<[string, Script[string], string]>([
  ['not installed', { exit: 127, stderr: 'bridge: not found' }, 'tool-missing'],
  ['cut off', { truncated: true }, 'output-too-large'],
  ['unreachable', new LookError('ssh-lost', 'gone'), 'ssh-lost'],
])('an answer that is none: %s', async (_, answer, code) => {
  expect(codeOf(await look(overVxlan, { 'bridge-fdb': answer ?? {} }))).toBe(code);
});
