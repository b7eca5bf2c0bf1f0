import { describe, expect, test } from '@jest/globals';
import { LookError } from '../../../src/model/look-error.ts';
import { calicoDatastore } from '../../../src/probes/datastore/calico-datastore.ts';
import { poolsYaml, unknownOption, versionText } from '../../support/calico-2.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

const answering: Script = {
  'calicoctl-get-clusterinformation': { stdout: 'kind: ClusterInformation\nspec:\n  datastoreReady: true\n' },
  'calicoctl-get-ippools': {
    stdout: 'kind: IPPoolList\nitems:\n- metadata: {name: a}\n  spec: {cidr: 10.244.0.0/16}\n',
  },
  'calicoctl-get-felixconfiguration': { exit: 1, stderr: "resource type 'felixconfiguration' is not supported" },
  'calicoctl-version': { stdout: 'Client Version: v3.5.8\n' },
  'grep-datastore-type': { stdout: '  datastoreType: "etcdv3"\n' },
};
const look = async (over: Script) => {
  const gathering = probing(calicoDatastore, { script: { ...answering, ...over } });
  return { datastore: await gathering.fact('datastore'), pools: await gathering.fact('pools') };
};

test.each<[string, Script, object]>([
  [
    'it answers',
    {},
    { kind: 'etcdv3', reachable: true, state: 'ready', clientVersion: 'v3.5.8', clusterVersion: null },
  ],
  ['its kind is in no file', { 'grep-datastore-type': { exit: 1 } }, { kind: null, reachable: true }],
  [
    'eBPF is switched on',
    { 'calicoctl-get-felixconfiguration': { stdout: 'kind: FelixConfiguration\nspec:\n  bpfEnabled: true\n' } },
    { bpfEnabled: true },
  ],
  [
    'a client or a node that does not know the question',
    { 'calicoctl-get-felixconfiguration': new LookError('node-helper-missing', 'not in the allow-list') },
    { reachable: true, state: 'ready' },
  ],
  ['locked', { 'calicoctl-get-clusterinformation': { stdout: 'spec: {datastoreReady: false}' } }, { state: 'locked' }],
  [
    'never initialised',
    {
      'calicoctl-get-clusterinformation': {
        exit: 1,
        stderr: 'resource does not exist: ClusterInformation(default) with error: <nil>',
      },
    },
    { reachable: true, state: 'unknown' },
  ],
  [
    'silent',
    {
      'calicoctl-get-clusterinformation': { exit: null, timedOut: true },
      'calicoctl-get-ippools': { exit: null, timedOut: true },
    },
    { reachable: false, error: 'no answer in time', state: 'unknown' },
  ],
  [
    'refused',
    { 'calicoctl-get-clusterinformation': { exit: 1, stderr: 'dial tcp 10.0.0.1:2379: connect: connection refused' } },
    { reachable: false },
  ],
])('%s', async (_, over, value) => {
  expect((await look(over)).datastore).toMatchObject({ status: 'observed', value });
});

describe('a client that cannot ask says nothing of the datastore', () => {
  test.each<[string, Script, string]>([
    ['not installed', { 'calicoctl-get-clusterinformation': { exit: 127, stderr: 'not found' } }, 'tool-missing'],
    [
      'may not be run',
      { 'calicoctl-get-clusterinformation': { exit: 126, stderr: 'Permission denied' } },
      'tool-refused',
    ],
    [
      'does not know the option',
      { 'calicoctl-get-clusterinformation': { exit: 1, stderr: 'Invalid option: --allow-version-mismatch' } },
      'command-failed',
    ],
    [
      'has no settings, and says so',
      {
        'calicoctl-get-clusterinformation': {
          exit: 1,
          stderr:
            'Failed to create Calico API client: invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable',
        },
      },
      'not-configured',
    ],
    [
      'has no settings, and asks where nothing listens',
      {
        'calicoctl-get-clusterinformation': { exit: 1, stderr: 'dial tcp 127.0.0.1:2379: connect: connection refused' },
        'grep-datastore-type': { exit: 2, stderr: 'grep: /etc/calico/calicoctl.cfg: No such file or directory' },
      },
      'not-configured',
    ],
    [
      'has no settings, and is silent',
      {
        'calicoctl-get-clusterinformation': { exit: null, timedOut: true },
        'grep-datastore-type': { exit: 2, stderr: 'grep: /etc/calico/calicoctl.cfg: No such file or directory' },
      },
      'not-configured',
    ],
    [
      'reads another datastore, which is empty',
      {
        'calicoctl-get-clusterinformation': {
          exit: 1,
          stderr: 'resource does not exist: ClusterInformation(default) with error: <nil>',
        },
        'calicoctl-get-ippools': { stdout: 'kind: IPPoolList\nitems: []\n' },
      },
      'not-credible',
    ],
    ['printed nothing, with success', { 'calicoctl-get-clusterinformation': {} }, 'not-parsed'],
    ['the connection was lost', { 'calicoctl-get-clusterinformation': new LookError('ssh-lost', 'gone') }, 'ssh-lost'],
  ])('%s', async (_, over, code) => {
    const { datastore, pools } = await look(over);
    expect([codeOf(datastore), codeOf(pools)]).toEqual([code, code]);
  });
  test('without a file of settings, a client that answers has them from elsewhere', async () => {
    const { datastore } = await look({
      'grep-datastore-type': { exit: 2, stderr: 'grep: /etc/calico/calicoctl.cfg: No such file or directory' },
    });
    expect(datastore).toMatchObject({ status: 'observed', value: { kind: null, reachable: true } });
  });
  test('pools that cannot be read are unknown, not none', async () => {
    expect(
      codeOf((await look({ 'calicoctl-get-ippools': { exit: 1, stderr: 'context deadline exceeded' } })).pools),
    ).toBe('datastore-unreachable');
    expect(codeOf((await look({ 'calicoctl-get-ippools': { truncated: true } })).pools)).toBe('output-too-large');
  });
});

describe('Calico 2.x, by calicoctl 1.x', () => {
  const old: Script = {
    'calicoctl-get-clusterinformation': unknownOption,
    'calicoctl-get-ippools': unknownOption,
    'calicoctl-get-felixconfiguration': unknownOption,
    'calicoctl-version': { stdout: versionText() },
    'grep-datastore-type': { stdout: '  datastoreType: "etcdv2"\n' },
    'calicoctl-v1-get-ippools': { stdout: poolsYaml },
  };
  test('its versions and its pools', async () => {
    expect(await look(old)).toMatchObject({
      datastore: {
        value: {
          kind: 'etcdv3',
          reachable: true,
          state: 'unknown',
          clientVersion: 'v1.6.3',
          clusterVersion: 'v2.6.8',
        },
      },
      pools: { value: [{ spec: { cidr: '192.168.0.0/16', ipipMode: 'Always' } }, {}, {}] },
    });
  });
  test('silent', async () => {
    const { datastore, pools } = await look({ ...old, 'calicoctl-v1-get-ippools': { exit: null, timedOut: true } });
    expect(datastore).toMatchObject({ value: { reachable: false, error: 'no answer in time' } });
    expect(codeOf(pools)).toBe('datastore-unreachable');
  });
  test.each<[string, Script, string]>([
    ['reads another datastore, which is empty', { 'calicoctl-v1-get-ippools': { stdout: '[]\n' } }, 'not-credible'],
    [
      'has no settings, and asks where nothing listens',
      {
        'calicoctl-v1-get-ippools': { exit: 1, stdout: 'Failed to get resources: connection refused\n' },
        'grep-datastore-type': { exit: 2, stderr: 'grep: /etc/calico/calicoctl.cfg: No such file or directory' },
      },
      'not-configured',
    ],
    ['printed nothing, with success', { 'calicoctl-v1-get-ippools': {} }, 'not-parsed'],
    ['is of version 3', { 'calicoctl-version': { stdout: 'Client Version:    v3.1.3\n' } }, 'command-failed'],
  ])('a client that %s', async (_, over, code) => {
    const { datastore, pools } = await look({ ...old, ...over });
    expect([codeOf(datastore), codeOf(pools)]).toEqual([code, code]);
  });
});
