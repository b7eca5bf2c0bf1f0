import { describe, expect, test } from '@jest/globals';
import { unavailable } from '../../../src/model/evidence.ts';
import { calicoEndpoint } from '../../../src/probes/datastore/calico-endpoint.ts';
import { endpointYaml, profileYaml, unknownOption } from '../../support/calico-2.ts';
import { aPod, codeOf, probing, type Script } from '../scripted.ts';

const none = { stdout: 'null\n', stderr: 'resource does not exist: X(y) with error: <nil>', exit: 1 };
const endpoint = {
  stdout:
    'metadata: {name: n1-k8s-p-eth0}\nspec: {node: n1, interfaceName: cali1, ipNetworks: [10.244.1.5/32], profiles: [kns.default, ksa.default.default]}\n',
};
const profile = { stdout: 'metadata: {name: x}\nspec: {ingress: [{action: Allow}]}\n' };
const look = async (script: Script) => {
  const gathering = probing(calicoEndpoint, {
    script: { 'calicoctl-get-workloadendpoint': endpoint, 'calicoctl-get-profile': profile, ...script },
  });
  return { endpoint: await gathering.fact('endpoint'), profiles: await gathering.fact('profiles') };
};

test('an endpoint and both its profiles', async () => {
  const found = await look({});
  expect(found.endpoint).toMatchObject({ value: { spec: { interfaceName: 'cali1' } } });
  expect(found.profiles).toMatchObject({
    value: [
      { name: 'kns.default', profile: {} },
      { name: 'ksa.default.default', profile: {} },
    ],
  });
});
test('a profile that is not there counts beside an endpoint that is', async () => {
  expect((await look({ 'calicoctl-get-profile': none })).profiles).toMatchObject({
    value: [
      { name: 'kns.default', profile: null },
      { name: 'ksa.default.default', profile: null },
    ],
  });
});
test("no endpoint: then which profiles it would name is nobody's word", async () => {
  expect(await look({ 'calicoctl-get-workloadendpoint': none })).toMatchObject({
    endpoint: { status: 'observed', value: null },
    profiles: { status: 'observed', value: [] },
  });
});

describe('never "there is none" where nobody said so', () => {
  test.each<[string, Script, readonly [string, string]]>([
    [
      'the datastore is silent',
      { 'calicoctl-get-workloadendpoint': { exit: null, timedOut: true } },
      ['datastore-unreachable', 'datastore-unreachable'],
    ],
    [
      'only the profiles cannot be asked for',
      { 'calicoctl-get-profile': { exit: 1, stderr: 'context deadline exceeded' } },
      ['observed', 'datastore-unreachable'],
    ],
    [
      'no calicoctl',
      { 'calicoctl-get-workloadendpoint': { exit: 127, stderr: 'not found' }, 'calicoctl-get-profile': { exit: 127 } },
      ['tool-missing', 'tool-missing'],
    ],
    ['an empty answer', { 'calicoctl-get-workloadendpoint': {} }, ['not-parsed', 'not-parsed']],
    ['an empty answer for a profile', { 'calicoctl-get-profile': {} }, ['not-parsed', 'not-parsed']],
    [
      'cut',
      { 'calicoctl-get-workloadendpoint': { ...endpoint, truncated: true } },
      ['output-too-large', 'output-too-large'],
    ],
  ])('%s', async (_, script, codes) => {
    const found = await look(script);
    expect([codeOf(found.endpoint), codeOf(found.profiles)]).toEqual(codes);
  });
});

test('a hostNetwork pod has none, and none is looked for', async () => {
  const hosted = { ...aPod, spec: { ...aPod.spec, hostNetwork: true } };
  expect(codeOf(await probing(calicoEndpoint, { facts: { pod: hosted } }).fact('endpoint'))).toBe('not-applicable');
});
test('without the pod it does not look', async () => {
  expect(
    codeOf(await probing(calicoEndpoint, { facts: { pod: unavailable('api-unreachable', 'no') } }).fact('profiles')),
  ).toBe('needed-fact-missing');
});

describe('a client of Calico 2.x is asked in its own way', () => {
  const asOf2 = { 'calicoctl-get-workloadendpoint': unknownOption, 'calicoctl-get-profile': unknownOption };
  const v1 = {
    'calicoctl-v1-get-workloadendpoint': { stdout: endpointYaml },
    'calicoctl-v1-get-profile': { stdout: profileYaml },
  };
  test('an endpoint and its profile', async () => {
    expect(await look({ ...asOf2, ...v1 })).toMatchObject({
      endpoint: { value: { spec: { interfaceName: 'cali4e199eba087', profiles: ['k8s_ns.default'] } } },
      profiles: { value: [{ name: 'k8s_ns.default', profile: { spec: { ingress: [{ action: 'Allow' }] } } }] },
    });
  });
  test('a profile that is not there counts beside an endpoint that is', async () => {
    expect(await look({ ...asOf2, ...v1, 'calicoctl-v1-get-profile': { stdout: '[]\n' } })).toMatchObject({
      profiles: { value: [{ name: 'k8s_ns.default', profile: null }] },
    });
  });
  test('no endpoint', async () => {
    expect(await look({ ...asOf2, ...v1, 'calicoctl-v1-get-workloadendpoint': { stdout: '[]\n' } })).toMatchObject({
      endpoint: { status: 'observed', value: null },
    });
  });
  test.each<[string, Script[string], string]>([
    ['the datastore is silent', { exit: null, timedOut: true }, 'datastore-unreachable'],
    ['an early client of version 3 knows neither', unknownOption, 'command-failed'],
    ['cut', { stdout: endpointYaml, truncated: true }, 'output-too-large'],
  ])('%s', async (_, answer, code) => {
    const found = await look({ ...asOf2, ...v1, 'calicoctl-v1-get-workloadendpoint': answer });
    expect([codeOf(found.endpoint), codeOf(found.profiles)]).toEqual([code, code]);
  });
  test('only the profile cannot be asked for', async () => {
    const found = await look({ ...asOf2, ...v1, 'calicoctl-v1-get-profile': { exit: null, timedOut: true } });
    expect([codeOf(found.endpoint), codeOf(found.profiles)]).toEqual(['observed', 'datastore-unreachable']);
  });
});
