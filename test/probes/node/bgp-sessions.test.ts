import { expect, test } from '@jest/globals';
import type { Route } from '../../../src/model/network.ts';
import { bgpSessions } from '../../../src/probes/node/bgp-sessions.ts';
import { captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { installed } from '../../support/installs.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const healthy = await captured('healthy-legacy');
const kubernetesNodes = ['n1', 'n2'].map((name, at) => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));
const status = (said: string) => ({ stdout: `Calico process is running.\n\n${said}` });
const script: Script = {
  'calicoctl-node-status': status(
    'IPv4 BGP status\n| 10.250.0.11 | node-to-node mesh | start | 04:17:36 | Connect |\n',
  ),
  'ss-bgp': { stdout: 'LISTEN 0 8 0.0.0.0:179 0.0.0.0:*\n' },
};
const look = async (facts: Facts, over: Script = {}, backend: string | null = 'bird') =>
  probing(bgpSessions, {
    script: { ...script, ...over },
    facts: {
      flow: valueOf(facts, 'flow'),
      nodes: kubernetesNodes,
      pod: { ...valueOf(facts, 'pod'), spec: { ...valueOf(facts, 'pod').spec, nodeName: 'n1' } },
      'routes@target': valueOf(facts, 'routes@target'),
      'routes@source': valueOf(facts, 'routes@source'),
      install: { ...installed('manifest'), backend },
    },
  }).fact('bgp-sessions');
const routeless = changed(healthy, {
  'routes@source': valueOf(healthy, 'routes@source').filter(({ device }: Route) => device !== 'tunl0'),
});
const listed = [{ address: '10.250.0.11', established: false, info: 'Connect' }];

test('nobody is asked while both nodes have their routes', async () => {
  expect(codeOf(await look(healthy))).toBe('not-applicable');
});

test.each(['none', 'vxlan'])('nobody is asked where calico-node runs without BIRD: %s', async (backend) => {
  const stopped = { 'calicoctl-node-status': status('The BGP backend process (BIRD) is not running.\n') };
  expect(codeOf(await look(routeless, { ...stopped, 'ss-bgp': { stdout: '' } }, backend))).toBe('not-applicable');
});

test('nodes are asked where nobody says whether BIRD runs', async () => {
  expect(await look(routeless, {}, null)).toMatchObject({ status: 'observed' });
});

test("BIRD's own list counts, of both nodes", async () => {
  expect(await look(routeless)).toMatchObject({
    status: 'observed',
    value: ['n2', 'n1'].map((node) => ({ node, known: 'status', running: true, sessions: listed })),
  });
});

test.each<[string, Script, object]>([
  [
    'calicoctl is not there',
    { 'calicoctl-node-status': { exit: 127, stderr: 'calicoctl: not found' } },
    { known: 'sockets', running: true, sessions: [] },
  ],
  [
    'calicoctl does not find the processes',
    { 'calicoctl-node-status': { exit: 1, stdout: 'Calico process is not running.\n' } },
    { known: 'sockets', running: true, sessions: [] },
  ],
  [
    'calicoctl does not find BIRD, which listens',
    { 'calicoctl-node-status': status('The BGP backend process (BIRD) is not running.\n') },
    { known: 'sockets', running: true, sessions: [] },
  ],
  [
    'neither is there',
    {
      'calicoctl-node-status': status('The BGP backend process (BIRD) is not running.\n'),
      'ss-bgp': { stdout: '' },
    },
    { known: 'status', running: false, sessions: [] },
  ],
])('the sockets count where the list does not: %s', async (_, over, expected) => {
  expect(await look(routeless, over)).toMatchObject({ status: 'observed', value: [expected, expected] });
});

test('sockets that could not be read are a blind spot', async () => {
  expect(codeOf(await look(routeless, { 'ss-bgp': { exit: 127, stderr: 'ss: not found' } }))).toBe('tool-missing');
});
