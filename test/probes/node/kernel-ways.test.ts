import { expect, test } from '@jest/globals';
import type { Flow } from '../../../src/model/flow.ts';
import type { KernelWay } from '../../../src/model/kernel-way.ts';
import type { Link, Route } from '../../../src/model/network.ts';
import type { RoutingPolicy } from '../../../src/model/routing-policy.ts';
import { LookError } from '../../../src/model/look-error.ts';
import { unavailable } from '../../../src/model/evidence.ts';
import { parseIpRules } from '../../../src/probes/parse/ip-rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { kernelWays } from '../../../src/probes/node/kernel-ways.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const link = (name: string, address?: string): Link => ({
  name,
  index: 1,
  flags: ['UP'],
  mtu: 1500,
  operState: 'UP',
  addresses: address ? [{ address, prefixLength: 24 }] : [],
  kind: null,
  peerNamespace: null,
  peerIndex: null,
});
const end = (name: string, node: string, address: string, nodeAddress: string) =>
  ({ kind: 'pod', namespace: 'default', name, address, node, nodeAddress, interface: `cali-${name}` }) as const;
const flow: Flow = {
  source: end('client', 'n2', '10.244.2.7', '10.0.0.2'),
  destination: end('p', 'n1', '10.244.1.5', '10.0.0.1'),
  sameNodeSource: null,
  port: { protocol: 'tcp', number: 8080 },
  otherPorts: [],
  untriedPorts: [],
  asked: true,
  refusedByDesign: [],
};
const aNode = (name: string, address: string) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address }] },
});
const usualRules = '0:	from all lookup local\n32766:	from all lookup main\n32767:	from all lookup default\n';
const policy = (more = ''): RoutingPolicy => ({ rules: parseIpRules(usualRules + more), tables: {} });
const noRoutes: readonly Route[] = [];
const facts = {
  flow,
  nodes: [aNode('n1', '10.0.0.1'), aNode('n2', '10.0.0.2')],
  'links@target': [link('cali-p'), link('eth0', '10.0.0.1'), link('tunl0', '10.244.1.1')],
  'links@source': [link('cali-client'), link('eth0', '10.0.0.2'), link('tunl0', '10.244.2.1')],
  'routes@target': noRoutes,
  'routes@source': noRoutes,
  'routing@target': policy(),
  'routing@source': policy(),
};
const answers: Script = {
  'ip-route-get-entering': { stdout: '10.244.1.5 from 10.244.2.7 dev cali-p \n    cache iif tunl0 \n' },
  'ip-route-get-own': { exit: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' },
  'ip-route-get-pod-gateway': { stdout: '169.254.1.1 from 10.244.1.5 via 10.0.0.254 dev eth0 \n' },
  'ip-neighbour': { stdout: '10.244.1.5 dev cali-p lladdr ee:ee:ee:ee:ee:ee REACHABLE\n' },
};
const waysOf = async (over: object = {}, script: Script = {}) => {
  const fact = await probing(kernelWays, { script: { ...answers, ...script }, facts: { ...facts, ...over } }).fact(
    'kernel-ways',
  );
  if (fact.status !== 'observed') throw new Error(fact.reason);
  return fact.value;
};
const save = (mark: string) =>
  `*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i tunl0 ${mark} -j MARK --set-xmark 0x80000/0xff0000\nCOMMIT\n`;
const rulesets = (text: string) => ({
  node: 'n1',
  at: '2026-11-23T18:00:00Z',
  ruleSets: [parseIptablesSave(text, { backend: 'iptables-legacy' })],
});
const neighbours = async (script: Script) => {
  const fact = await probing(kernelWays, { script: { ...answers, ...script }, facts }).fact('pod-neighbours');
  return fact.status === 'observed' ? fact.value.map(({ node, state }) => `${node} ${state}`) : fact.code;
};
const words = ({ node, of, source, inInterface, destination }: KernelWay) =>
  `${node} ${of}: ${source ?? 'own'} in ${inInterface ?? '-'} to ${destination}`;

test('each node is asked for its neighbour entry of the other, and a flow within one node asks for none', async () => {
  const entry = '10.0.0.2 dev eth0 lladdr 0a:00:00:00:00:02 PERMANENT\n';
  const script = { ...answers, 'ip-neighbour': { stdout: entry } };
  const at = (over: object) => probing(kernelWays, { script, facts: { ...facts, ...over } }).fact('node-neighbours');
  expect(await at({})).toMatchObject({
    value: [
      { node: 'n1', address: '10.0.0.2', device: 'eth0', state: 'PERMANENT' },
      { node: 'n2', address: '10.0.0.2' },
    ],
  });
  const source = { ...end('client', 'n1', '10.244.1.7', '10.0.0.1'), interface: 'eth0' };
  expect(await at({ flow: { ...flow, source } })).toMatchObject({ code: 'not-applicable' });
});

test('each packet of a flow between nodes is asked about once for every interface by which it may enter', async () => {
  expect((await waysOf()).map(words)).toEqual([
    'n1 target-ingress: 10.244.2.7 in tunl0 to 10.244.1.5',
    'n1 target-ingress: 10.244.2.7 in eth0 to 10.244.1.5',
    'n1 target-own: own in - to 10.244.1.5',
    'n1 reply-target-egress: 10.244.1.5 in cali-p to 10.244.2.7',
    'n1 reply-target-outer: own in - to 10.0.0.2',
    'n1 target-gateway: 10.244.1.5 in cali-p to 169.254.1.1',
    'n2 source-egress: 10.244.2.7 in cali-client to 10.244.1.5',
    'n2 source-outer: own in - to 10.0.0.1',
    'n2 reply-source-ingress: 10.244.1.5 in tunl0 to 10.244.2.7',
    'n2 reply-source-ingress: 10.244.1.5 in eth0 to 10.244.2.7',
    'n2 source-gateway: 10.244.2.7 in cali-client to 169.254.1.1',
  ]);
});

test('a node as source arrives with the address of its tunnel, or with its own', async () => {
  const source = { ...flow.source, kind: 'node' as const, interface: null, address: '10.0.0.2' };
  const asked = (await waysOf({ flow: { ...flow, source } })).map(words);
  expect(asked.filter((line) => line.includes('target-ingress') || line.includes('reply'))).toEqual([
    'n1 target-ingress: 10.244.2.1 in tunl0 to 10.244.1.5',
    'n1 target-ingress: 10.0.0.2 in eth0 to 10.244.1.5',
    'n1 reply-target-egress: 10.244.1.5 in cali-p to 10.244.2.1',
    'n1 reply-target-egress: 10.244.1.5 in cali-p to 10.0.0.2',
    'n1 reply-target-outer: own in - to 10.0.0.2',
  ]);
  expect(asked).toContain('n2 source-egress: own in - to 10.244.1.5');
});

test('within one node, the packet and its reply', async () => {
  const source = { ...end('client', 'n1', '10.244.1.7', '10.0.0.1'), interface: 'eth0' };
  expect((await waysOf({ flow: { ...flow, source } })).map(words)).toEqual([
    'n1 same-node: 10.244.1.7 in eth0 to 10.244.1.5',
    'n1 target-own: own in - to 10.244.1.5',
    'n1 reply-same-node: 10.244.1.5 in cali-p to 10.244.1.7',
    'n1 source-gateway: 10.244.1.7 in eth0 to 169.254.1.1',
    'n1 target-gateway: 10.244.1.5 in cali-p to 169.254.1.1',
  ]);
});

test('a refusal of the kernel is an answer', async () => {
  const own = (await waysOf()).find(({ of }) => of === 'target-own');
  expect(own?.answer).toMatchObject({ kind: 'refused', error: 'network-unreachable' });
});

test('what one question could not be answered costs no other', async () => {
  const ways = await waysOf({}, { 'ip-route-get-own': new LookError('ssh-lost', 'gone') });
  expect(ways.find(({ of }) => of === 'target-own')?.answer).toMatchObject({ kind: 'unavailable', code: 'ssh-lost' });
  expect(ways.find(({ of }) => of === 'target-ingress')?.answer).toMatchObject({ kind: 'route', device: 'cali-p' });
});

test('the node of the pod is asked also where nothing could be read of the other', async () => {
  const ways = await waysOf({ 'links@source': unavailable('ssh-refused', 'no') });
  expect(new Set(ways.map(({ node }) => node))).toEqual(new Set(['n1']));
  const gathering = probing(kernelWays, {
    script: answers,
    facts: {
      ...facts,
      'links@source': unavailable('ssh-refused', 'no'),
      'links@target': unavailable('timeout', 'no'),
    },
  });
  expect(codeOf(await gathering.fact('kernel-ways'))).toBe('needed-fact-missing');
});

test('a mark that the packet filter sets is asked with, where a routing rule reads marks', async () => {
  const routing = policy('5210:	from all fwmark 0x80000/0xff0000 lookup 52\n');
  const marks = async (text: string) =>
    (await waysOf({ 'routing@target': routing, 'rulesets@target': rulesets(text) }))
      .filter(({ of }) => of === 'target-ingress')
      .map(({ mark, doubt, inInterface }) => [inInterface, mark, doubt !== null]);
  expect(await marks(save(''))).toEqual([
    ['tunl0', 0x80000, false],
    ['eth0', 0, false],
  ]);
  expect(await marks(save('-m bpf --bytecode "1,6 0 0 1"'))).toEqual([
    ['tunl0', expect.any(Number), true],
    ['eth0', 0, false],
  ]);
  const [blind] = await waysOf({ 'routing@target': routing, 'rulesets@target': unavailable('timeout', 'no') });
  expect([blind?.mark, blind?.doubt]).toEqual([0, 'a routing rule reads marks, and the rule sets were not read: no']);
});

test('ports are asked with where a routing rule reads them, and not known for a ping', async () => {
  const routing = policy('90:	from all ipproto tcp dport 8080 lookup 52\n');
  const ported: Script = { 'ip-route-get-entering-ports': { stdout: '10.244.1.5 dev vpn0 table 52 \n' } };
  const [asked] = await waysOf({ 'routing@target': routing }, { ...ported, 'ip-route-get-own-ports': { exit: 2 } });
  expect([asked?.answer, asked?.doubt]).toEqual([expect.objectContaining({ device: 'vpn0', table: '52' }), null]);
  const [ping] = await waysOf({ 'routing@target': routing, flow: { ...flow, port: { protocol: 'icmp' } } });
  expect(ping?.doubt).toBe('a routing rule of the node asks for ports or protocols');
});

test('rules that could not be read leave the mark open', async () => {
  const [asked] = await waysOf({ 'routing@target': unavailable('timeout', 'no answer') });
  expect(asked?.doubt).toBe('the routing rules of the node were not read: no answer');
});

test("an interface with another name than the usual is the endpoint's", async () => {
  const ways = await waysOf({
    'links@target': [link('eni1'), link('eth0', '10.0.0.1')],
    'pod-interface': { name: 'eni1' },
  });
  expect(ways.find(({ of }) => of === 'reply-target-egress')?.inInterface).toBe('eni1');
});

test('a name that no command may be given is said, and not asked for', async () => {
  const ways = await waysOf({ 'links@source': [link('cali-client'), link('eth@0', '10.0.0.2')] });
  expect(ways.find(({ inInterface }) => inInterface === 'eth@0')?.answer).toMatchObject({ code: 'not-supported' });
});

test('the neighbour entry of a pod, none where it could not be read', async () => {
  expect(await neighbours({})).toEqual(['n1 REACHABLE', 'n2 REACHABLE']);
  expect(await neighbours({ 'ip-neighbour': { exit: 1 } })).toEqual([]);
});

test('of IPv6, a pod asks for no gateway by its address, and neighbours are those of IPv6', async () => {
  const six = {
    ...flow,
    source: { ...flow.source, address: 'fd00:10::7', nodeAddress: 'fd00::2' },
    destination: { ...flow.destination, address: 'fd00:10::5', nodeAddress: 'fd00::1' },
  };
  const gathering = probing(kernelWays, {
    script: {
      'ip-route-get-entering': { stdout: 'fd00:10::5 from fd00:10::7 dev cali-p metric 1024 iif eth0 pref medium\n' },
      'ip-route-get-own': { exit: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' },
      'ip-6-neighbour': { stdout: 'fd00:10::5 dev cali-p lladdr ee:ee:ee:ee:ee:ee router STALE\n' },
    },
    facts: {
      ...facts,
      flow: six,
      'links@target': [link('cali-p'), link('eth0', 'fd00::1')],
      'links@source': [link('cali-client'), link('eth0', 'fd00::2')],
    },
  });
  const [ways, neighbours] = await Promise.all([gathering.fact('kernel-ways'), gathering.fact('pod-neighbours')]);
  if (ways.status === 'unavailable' || neighbours.status === 'unavailable') throw new Error('not read');
  expect(ways.value.map(({ of }) => of)).not.toContain('target-gateway');
  expect(ways.value.find(({ of }) => of === 'target-own')?.answer).toMatchObject({ error: 'network-unreachable' });
  expect(neighbours.value).toContainEqual(expect.objectContaining({ address: 'fd00:10::5', state: 'STALE' }));
});
