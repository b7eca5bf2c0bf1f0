import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Flow } from '../../../src/model/flow.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { Link } from '../../../src/model/network.ts';
import { podNetwork } from '../../../src/probes/node/pod-network.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

/** As iproute2 6.1 prints it on Linux 6.18; flags and addresses of the links alone. */
const links = (flags: string) =>
  `[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP","LOWER_UP"],"mtu":65536,"operstate":"UNKNOWN"},{"ifindex":2,"link_index":5,"ifname":"eth0","flags":[${flags}],"mtu":1480,"operstate":"UP","linkinfo":{"info_kind":"veth"},"addr_info":[{"family":"inet","local":"10.244.1.5","prefixlen":32,"scope":"global","label":"eth0"}]}]`;
const healthy = `# links
${links('"BROADCAST","MULTICAST","UP","LOWER_UP"')}
# addresses
2: eth0    inet 10.244.1.5/32 scope global eth0\\       valid_lft forever preferred_lft forever
# routes
default via 169.254.1.1 dev eth0 
169.254.1.1 dev eth0 scope link 
# way
10.9.0.2 via 169.254.1.1 dev eth0 src 10.244.1.5 uid 0 
    cache 
# neighbours
169.254.1.1 dev eth0 lladdr 42:90:02:09:ab:5c REACHABLE 
10.9.0.1 dev eth0 INCOMPLETE 
# filters
filter
nat
table ip filter
table inet mesh
`;
const bounced = `# links
${links('"NO-CARRIER","BROADCAST","MULTICAST","UP","LOWER_UP"')}
# routes
# way
RTNETLINK answers: Network is unreachable
# neighbours
# filters
unread
`;
const script: Script = { 'bash-pod-network-in-pod': { stdout: healthy } };

let flow: Flow;
let nodeLinks: readonly Link[];
beforeAll(async () => {
  const facts = await captured('healthy-legacy');
  flow = valueOf(facts, 'flow');
  nodeLinks = valueOf(facts, 'links@target').map((link) =>
    link.name === flow.destination.interface ? { ...link, peerIndex: 2 } : link,
  );
});
const look = (over: Script = {}, of: Partial<Flow> = {}, on: readonly Link[] = nodeLinks) =>
  probing(podNetwork, {
    script: { ...script, ...over },
    facts: { flow: { ...flow, ...of }, 'links@target': on },
  });
const target = (over: Script, on?: readonly Link[]) => look(over, {}, on).fact('pod-network');

test('links, routes and neighbours of the pod, and the ways of its packets', async () => {
  expect(await target({})).toMatchObject({
    status: 'observed',
    value: {
      ownInterface: 'eth0',
      routes: ['default via 169.254.1.1 dev eth0', '169.254.1.1 dev eth0 scope link'],
      way: { kind: 'route', device: 'eth0', gateway: '169.254.1.1' },
      filters: {
        legacy: ['filter', 'nat'],
        nft: [
          { family: 'ip', name: 'filter' },
          { family: 'inet', name: 'mesh' },
        ],
      },
      neighbours: [
        { address: '169.254.1.1', device: 'eth0', linkAddress: '42:90:02:09:ab:5c', state: 'REACHABLE' },
        { address: '10.9.0.1', device: 'eth0', linkAddress: null, state: 'INCOMPLETE' },
      ],
    },
  });
});

test('a pod that another CNI plugin has wired is found by its route, whatever the interface is called', async () => {
  const { address, interface: own } = flow.destination;
  const renamed = nodeLinks.map((link) =>
    link.name === own ? { ...link, name: 'eni1a2b3c', kind: 'veth', hostRoutes: [address] } : link,
  );
  expect(await target({}, renamed)).toMatchObject({ status: 'observed', value: { ownInterface: 'eth0' } });
});

/** As the same command prints it in a pod whose own address has a table of its own. */
const ruled = (own: string) =>
  healthy.replace(
    '# neighbours',
    `# own way\n${own}\n# rules\n0:\tfrom all lookup local\n32765:\tfrom 10.244.1.5 lookup 100\n` +
      '32766:\tfrom all lookup main\n32767:\tfrom all lookup default\n# neighbours',
  );

test.each<[string, string, object]>([
  [
    'leads elsewhere',
    '10.9.0.2 from 10.244.1.5 via 192.168.5.1 dev net1 table 100 uid 0 \n    cache ',
    { kind: 'route', device: 'net1', table: '100', preferredSource: '10.244.1.5' },
  ],
  ['refuses', 'RTNETLINK answers: Network is unreachable', { kind: 'refused', error: 'network-unreachable' }],
  ['is not known', 'Command "from" is unknown', { kind: 'route', device: 'eth0', gateway: '169.254.1.1' }],
])('a way for what has the address of the pod is that of its packets: it %s', async (_, own, way) => {
  expect(await target({ 'bash-pod-network-in-pod': { stdout: ruled(own) } })).toMatchObject({
    status: 'observed',
    value: { way, rules: ['32765: from 10.244.1.5 lookup 100'] },
  });
});

test('a pod whose interface went down and up has no route left', async () => {
  expect(await target({ 'bash-pod-network-in-pod': { stdout: bounced } })).toMatchObject({
    status: 'observed',
    value: {
      routes: [],
      neighbours: [],
      filters: { legacy: [], nft: null },
      way: { kind: 'refused', error: 'network-unreachable' },
    },
    evidence: [{ excerpt: bounced.replace(/^\[.*\n/m, '').trim() }],
  });
});

test('a way that is not as ip prints it is not known, and the rest is', async () => {
  const cut = healthy.replace(/^10.9.0.2 via.*$/m, '10.9.0.2');
  expect(await target({ 'bash-pod-network-in-pod': { stdout: cut } })).toMatchObject({
    status: 'observed',
    value: { ownInterface: 'eth0', way: { kind: 'unavailable' } },
  });
});

describe('what could not be read is no network without routes', () => {
  test.each<[string, Script[string], string]>([
    ['no bash in the way', { exit: 127, stderr: 'exec of "bash" failed: No such file or directory' }, 'tool-missing'],
    ['the namespace is gone', { exit: 1, stderr: 'Cannot open network namespace "cni-1"' }, 'command-failed'],
    ['cut', { stdout: healthy, truncated: true }, 'output-too-large'],
    ['wedged', { exit: null, timedOut: true }, 'timeout'],
    ['ended before the way', { stdout: healthy.slice(0, healthy.indexOf('# way')) }, 'not-parsed'],
    ['ended before the neighbours', { stdout: healthy.slice(0, healthy.indexOf('# neigh')) }, 'not-parsed'],
    ['nothing printed', { stdout: '' }, 'not-parsed'],
    ['an ip that prints no JSON', { stdout: healthy.replace(/^\[.*$/m, '1: lo: <LOOPBACK>') }, 'not-parsed'],
    ['the connection was lost', new LookError('ssh-lost', 'gone'), 'ssh-lost'],
  ])('%s', async (_, answer, code) => {
    expect(codeOf(await target({ 'bash-pod-network-in-pod': answer }))).toBe(code);
  });
  test('the node does not name the namespace', async () => {
    expect(
      codeOf(
        await target(
          {},
          nodeLinks.map((link) => ({ ...link, peerNamespace: null })),
        ),
      ),
    ).toBe('not-supported');
  });
});

describe('does not apply', () => {
  test("the pod's interface is gone", async () => {
    expect(codeOf(await target({}, []))).toBe('not-applicable');
  });
  test('on the host network', async () => {
    const onHost = look({}, { destination: { ...flow.destination, interface: null } });
    expect(codeOf(await onHost.fact('pod-network'))).toBe('not-applicable');
  });
  test('a source that is a node', async () => {
    const fromNode = look({}, { source: { ...flow.source, kind: 'node', interface: null } });
    expect([codeOf(await fromNode.fact('source-pod-network')), codeOf(await fromNode.fact('pod-network'))]).toEqual([
      'not-applicable',
      'observed',
    ]);
  });
});

test('two pods of one node are both read there', async () => {
  const inside = { ...flow.destination, name: 'other' };
  const gathering = look({}, { source: inside });
  expect([codeOf(await gathering.fact('pod-network')), codeOf(await gathering.fact('source-pod-network'))]).toEqual([
    'observed',
    'observed',
  ]);
});
