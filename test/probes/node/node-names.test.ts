import { expect, test } from '@jest/globals';
import type { Flow, FlowEnd } from '../../../src/model/flow.ts';
import type { PacketWalk } from '../../../src/model/flow-walk.ts';
import type { Link } from '../../../src/model/network.ts';
import { nodeNames } from '../../../src/probes/node/node-names.ts';
import { codeOf, probing } from '../scripted.ts';

const end: FlowEnd = {
  kind: 'pod',
  namespace: 'default',
  name: 'p',
  address: '10.244.1.5',
  node: 'n1',
  nodeAddress: '10.0.0.1',
  interface: 'cali1',
};
const flow: Flow = {
  source: end,
  destination: end,
  sameNodeSource: null,
  port: { protocol: 'icmp' },
  otherPorts: [],
  untriedPorts: [],
  asked: true,
  refusedByDesign: [],
};
const link: Link = {
  name: 'cali1',
  index: 5,
  flags: ['UP'],
  mtu: 1480,
  operState: 'UP',
  addresses: [],
  kind: 'veth',
  peerNamespace: 'cni-1',
  peerIndex: 2,
};
const unknown = {
  node: 'n1',
  result: { rule: { comments: ['cali:x', 'Unknown interface'] } },
} as unknown as PacketWalk;
const looked = (said: object, facts: Parameters<typeof probing>[1]['facts'] = { walks: [unknown] }) =>
  probing(nodeNames, {
    script: { 'cat-calico-nodename': said },
    facts: { flow, walks: [], endpoint: {} as never, 'source-endpoint': {} as never, ...facts },
  }).fact('node-names');

test.each([
  ['the file has it', { stdout: 'n1.example.com\n' }, 'n1.example.com'],
  ['there is no file', { exit: 1, stderr: 'cat: /var/lib/calico/nodename: No such file or directory' }, null],
])('%s', async (_, said, plugin) => {
  expect(await looked(said)).toMatchObject({ value: [{ node: 'n1', plugin }] });
  expect(await looked(said, { endpoint: null })).toMatchObject({ value: [{ node: 'n1', plugin }] });
  expect(await looked(said, { 'links@target': [link] })).toMatchObject({ value: [{ node: 'n1', plugin }] });
});

test.each([
  ['empty', { stdout: '\n' }, 'not-parsed'],
  ['several words', { stdout: 'a name\n' }, 'not-parsed'],
  ['too long', { stdout: 'n'.repeat(300) }, 'not-parsed'],
  ['refused', { exit: 1, stderr: 'cat: /var/lib/calico/nodename: Permission denied' }, 'command-failed'],
  ['cut off', { stdout: 'n1', truncated: true }, 'output-too-large'],
  ['late', { exit: null, timedOut: true }, 'timeout'],
])('not known: %s', async (_, said, code) => {
  expect(codeOf(await looked(said))).toBe(code);
});

test('is not read where Felix and the datastore know the pods', async () => {
  expect(codeOf(await looked({}, { 'links@target': [{ ...link, hostRoutes: [end.address] }] }))).toBe('not-applicable');
});
