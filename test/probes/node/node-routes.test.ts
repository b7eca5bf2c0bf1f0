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
