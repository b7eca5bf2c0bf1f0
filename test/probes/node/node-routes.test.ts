import { expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { nodeRoutes } from '../../../src/probes/node/node-routes.ts';
import { readCapture } from '../../cases/capture.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const capture = readCapture('healthy-legacy');
const script: Script = { links: { stdout: capture.text('n1/ip-j-d-addr.txt') ?? '' }, namespaces: { stdout: '[{"name":"cni-x","id":1}]' }, routes: { stdout: capture.text('n1/ip-j-route.txt') ?? '' }, 'routes-text': { stdout: capture.text('n1/ip-route.txt') ?? '' } };
const codes = async (over: Script) => {
  const gathering = probing(nodeRoutes, { script: { ...script, ...over } });
  return [codeOf(await gathering.fact('links@target')), codeOf(await gathering.fact('routes@target'))];
};

test('links with their pods\' network namespaces, and routes', async () => {
  const gathering = probing(nodeRoutes, { script });
  const links = await gathering.fact('links@target');
  expect(links.status === 'observed' && links.value.filter(({ peerNamespace }) => peerNamespace === 'cni-x')).toHaveLength(1);
  expect(codeOf(await gathering.fact('routes@target'))).toBe('observed');
});

test('names of namespaces and the text are extras', async () => {
  expect(await codes({ namespaces: { exit: 1 }, 'routes-text': { exit: 1 } })).toEqual(['observed', 'observed']);
});

test.each<[string, Script, string]>([
  ['no ip', { links: { exit: 127 } }, 'command-failed'],
  ['an ip without -j', { links: { exit: 255, stderr: 'Option "-j" is unknown, try "ip -help".' } }, 'command-failed'],
  ['wedged', { routes: { exit: null, timedOut: true } }, 'timeout'],
  ['cut', { routes: { truncated: true } }, 'output-too-large'],
  ['text where JSON should be', { routes: { stdout: 'default via 10.0.0.1' } }, 'not-parsed'],
  ['the host key changed', { links: new LookError('ssh-host-key', 'changed') }, 'ssh-host-key'],
])('%s: neither is known', async (_, over, code) => {
  expect(await codes(over)).toEqual([code, code]);
});
