import { describe, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { Transcript } from '../../../src/model/command.ts';
import type { Controller } from '../../../src/model/control-plane.ts';
import { controllersConfiguration } from '../../../src/probes/datastore/controllers-configuration.ts';
import { readCapture } from '../../cases/capture.ts';
import { unknownOption, versionText } from '../../support/calico-2.ts';
import { codeOf, probing } from '../scripted.ts';

const id = 'calicoctl-get-kubecontrollersconfiguration';
const controller: Controller = {
  name: 'calico-kube-controllers',
  namespace: 'kube-system',
  deployment: null,
  pods: [],
  account: { namespace: 'kube-system', name: 'calico-kube-controllers' },
  enabledControllers: null,
  strangers: [],
};
const missing = [{ name: 'kns.default', profile: null }];
const looked = (
  said: Partial<Transcript>,
  facts: Parameters<typeof probing>[1]['facts'] = {},
  version = versionText(),
) =>
  probing(controllersConfiguration, {
    script: { [id]: said, 'calicoctl-version': { stdout: version } },
    facts: { controller, profiles: missing, 'source-profiles': [], ...facts },
  }).fact('controllers-configuration');
/** The captured list has this one object. */
const listed = readCapture('healthy-legacy').text('calicoctl/get-kubecontrollersconfig-yaml.txt') ?? '';
const real = stringify(parse(listed.replace(/\nexit 0\s*$/, '\n')).items[0]);

describe('what is enabled', () => {
  test('as real calicoctl prints it', async () => {
    expect(await looked({ stdout: real })).toMatchObject({
      status: 'observed',
      value: expect.arrayContaining(['namespace', 'serviceaccount', 'policy', 'node', 'workloadendpoint']),
    });
  });
  test('a key that is not there is a controller that does not run', async () => {
    const spec = { controllers: { node: {}, constructor: {} } };
    expect(await looked({ stdout: JSON.stringify({ spec }) })).toMatchObject({ value: ['node'] });
  });
  test('what runs counts, not what somebody wrote since', async () => {
    const value = {
      spec: { controllers: { namespace: {} } },
      status: { runningConfig: { controllers: { node: {} } } },
    };
    expect(await looked({ stdout: JSON.stringify(value) })).toMatchObject({ value: ['node'] });
  });
  test.each([
    ['there is no such object', 'resource does not exist: KubeControllersConfiguration(default) with error: <nil>'],
    ['the version does not know it', "resource type 'kubecontrollersconfiguration' is not supported"],
  ])('the usual ones where %s', async (_, stderr) => {
    expect(await looked({ exit: 1, stdout: 'null\n', stderr })).toMatchObject({
      value: expect.arrayContaining(['namespace']),
    });
  });
});

test('of a client that does not know the option: the usual ones in Calico 2.x, unknown in version 3', async () => {
  expect(await looked(unknownOption)).toMatchObject({ value: expect.arrayContaining(['namespace']) });
  expect(codeOf(await looked(unknownOption, {}, 'Client Version:    v3.15.1\n'))).toBe('command-failed');
});

test.each<[string, Partial<Transcript>, string]>([
  ['the datastore is silent', { exit: null, timedOut: true }, 'datastore-unreachable'],
  ['there is no calicoctl', { exit: 127, stderr: 'sudo: calicoctl: command not found' }, 'tool-missing'],
  ['something else', { exit: 1, stderr: 'panic' }, 'command-failed'],
  ['it printed nothing', { stdout: '' }, 'not-parsed'],
  ['it was cut off', { stdout: 'kind: x', truncated: true }, 'output-too-large'],
])('not known: %s', async (_, said, code) => {
  expect(codeOf(await looked(said))).toBe(code);
});

test('is not asked where the environment chooses, where no profile is missing, or with the Kubernetes datastore', async () => {
  const all = [
    looked({}, { controller: { ...controller, enabledControllers: ['node'] } }),
    looked({}, { profiles: [] }),
    looked({}, { 'datastore-kind': { kind: 'kubernetes', api: 'crd.projectcalico.org/v1' } as never }),
  ];
  expect((await Promise.all(all)).map(codeOf)).toEqual(['not-applicable', 'not-applicable', 'not-applicable']);
});
