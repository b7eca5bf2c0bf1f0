import { expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { nodeRoutes } from '../../../src/probes/node/node-routes.ts';
import { readCapture } from '../../cases/capture.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const capture = readCapture('healthy-legacy');
const script: Script = {
  'ip-addr-show': { stdout: capture.text('n1/ip-j-d-addr.txt') ?? '' },
  'ip-netns-list': { stdout: '[{"name":"cni-x","id":1}]' },
  'ip-route-show': { stdout: capture.text('n1/ip-j-route.txt') ?? '' },
  'ip-route-show-text': { stdout: capture.text('n1/ip-route.txt') ?? '' },
  'ip-rule-show': { stdout: capture.text('n1/ip-rule.txt') ?? '' },
  'ip-route-show-tables': {
    stdout:
      '[{"dst":"default","dev":"eth0","flags":[]},{"type":"throw","dst":"10.250.0.0/24","table":"52","flags":[]}]',
  },
};
const codes = async (over: Script) => {
  const gathering = probing(nodeRoutes, { script: { ...script, ...over } });
  return [codeOf(await gathering.fact('links@target')), codeOf(await gathering.fact('routes@target'))];
};

test("links with their pods' network namespaces, and routes", async () => {
  const gathering = probing(nodeRoutes, { script });
  const links = await gathering.fact('links@target');
  expect(
    links.status === 'observed' && links.value.filter(({ peerNamespace }) => peerNamespace === 'cni-x'),
  ).toHaveLength(1);
  expect(codeOf(await gathering.fact('routes@target'))).toBe('observed');
});

test('the rules by which the node chooses a table, and the routes of each', async () => {
  const routing = await probing(nodeRoutes, { script }).fact('routing@target');
  expect(
    routing.status === 'observed' && [routing.value.rules.length, Object.keys(routing.value.tables).toSorted()],
  ).toEqual([3, ['52', 'main']]);
});

test('of IPv6, for a flow of IPv6 alone', async () => {
  const six: Script = {
    'ip-addr-show': {
      stdout: JSON.stringify([
        {
          ifindex: 2,
          ifname: 'va',
          flags: ['UP', 'LOWER_UP'],
          mtu: 1500,
          addr_info: [
            { family: 'inet', local: '10.0.0.1', prefixlen: 24, scope: 'global' },
            { family: 'inet6', local: 'fd00:1::1', prefixlen: 64, scope: 'global' },
            { family: 'inet6', local: 'fe80::905b:78ff:fe30:a928', prefixlen: 64, scope: 'link' },
          ],
        },
      ]),
    },
    'ip-netns-list': {},
    'ip-6-route-show': {
      stdout:
        '[{"dst":"fd00:10::5","dev":"va","metric":1024,"flags":[],"pref":"medium"},{"type":"blackhole",' +
        '"dst":"fd00:10::/122","dev":"lo","metric":1024,"flags":[],"pref":"medium"},{"dst":"default",' +
        '"gateway":"fe80::1","dev":"va","metric":1024,"flags":[],"pref":"medium"}]',
    },
    'ip-6-route-show-text': { stdout: 'fd00:10::5 dev va metric 1024 pref medium\n' },
    'ip-6-rule-show': { stdout: '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n' },
    'ip-6-route-show-tables': {
      stdout:
        '[{"type":"anycast","dst":"fd00:1::","dev":"va","table":"local","protocol":"kernel","metric":0,"flags":[]}]',
    },
  };
  const gathering = probing(nodeRoutes, { script: six, facts: { family: 6 } });
  const [links, routes, routing] = await Promise.all([
    gathering.fact('links@target'),
    gathering.fact('routes@target'),
    gathering.fact('routing@target'),
  ]);
  expect(links).toMatchObject({
    value: [{ addresses: [{ address: 'fd00:1::1', prefixLength: 64 }], hostRoutes: ['fd00:10::5'] }],
  });
  expect(routes.status === 'observed' && routes.value.map(({ destination, type }) => [destination, type])).toEqual([
    ['fd00:10::5/128', 'unicast'],
    ['fd00:10::/122', 'blackhole'],
    ['::/0', 'unicast'],
  ]);
  expect(routing).toMatchObject({ value: { tables: { local: [{ destination: 'fd00:1::/128', type: 'local' }] } } });
});

test.each<[string, Script, string]>([
  [
    'ip rule is refused',
    { 'ip-rule-show': { exit: 2, stderr: 'RTNETLINK answers: Operation not permitted' } },
    'command-failed',
  ],
  ['the tables are too large', { 'ip-route-show-tables': { truncated: true } }, 'output-too-large'],
  [
    'a helper that does not know the command',
    { 'ip-rule-show': new LookError('node-helper-missing', 'refused') },
    'node-helper-missing',
  ],
])('%s: links and routes are known all the same', async (_, over, code) => {
  const gathering = probing(nodeRoutes, { script: { ...script, ...over } });
  expect(codeOf(await gathering.fact('routing@target'))).toBe(code);
  expect(codeOf(await gathering.fact('routes@target'))).toBe('observed');
});

test('names of namespaces and the text are extras', async () => {
  expect(await codes({ 'ip-netns-list': { exit: 1 }, 'ip-route-show-text': { exit: 1 } })).toEqual([
    'observed',
    'observed',
  ]);
});

test.each<[string, Script, string]>([
  ['no ip', { 'ip-addr-show': { exit: 127 } }, 'tool-missing'],
  [
    'an ip without -j',
    { 'ip-addr-show': { exit: 255, stderr: 'Option "-j" is unknown, try "ip -help".' } },
    'command-failed',
  ],
  ['wedged', { 'ip-route-show': { exit: null, timedOut: true } }, 'timeout'],
  ['cut', { 'ip-route-show': { truncated: true } }, 'output-too-large'],
  ['text where JSON should be', { 'ip-route-show': { stdout: 'default via 10.0.0.1' } }, 'not-parsed'],
  ['the host key changed', { 'ip-addr-show': new LookError('ssh-host-key', 'changed') }, 'ssh-host-key'],
])('%s: neither is known', async (_, over, code) => {
  expect(await codes(over)).toEqual([code, code]);
});
