import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { clusterOf, type ClusterOptions } from '../src/cli/command-options.ts';
import type { Surroundings } from '../src/cli/output.ts';
import { approversByCluster, twoApproversFrom } from '../src/compose-known-clusters.ts';
import { configSchema } from '../src/config-schema.ts';
import { configuredAs, namedCluster } from '../src/config-clusters.ts';
import { inspectConfig, loadConfig } from '../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'cc-clusters-'));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: object): Record<string, string> {
  const path = join(folder, 'calico-chatops.yaml');
  writeFileSync(path, stringify(content));
  return { CALICO_CHATOPS_CONFIG: path };
}

test('a cluster has what it sets, over what all share', () => {
  const { clusters } = loadConfig(
    fileOf({
      SSH_USER: 'bot',
      SSH_PORT: 2022,
      APPROVERS: ['U0ALICE'],
      CLUSTERS: {
        east: { KUBECONFIG: '/none/east', CHANNELS: 'C0EAST, C0ALSO', SSH_PORT: 22 },
        west: { NODES_VIA: 'agent', APPROVERS: 'U0BOB,S0WEST', ALERT_CHANNEL: 'west' },
      },
    }),
    ['nodes', 'cluster'],
  );
  expect(clusters.map(({ name, channels }) => [name, channels])).toEqual([
    ['east', ['C0EAST', 'C0ALSO']],
    ['west', []],
  ]);
  expect(clusters.map(({ settings }) => settings)).toMatchObject([
    { KUBECONFIG: '/none/east', SSH_USER: 'bot', SSH_PORT: 22, APPROVERS: ['U0ALICE'], NODES_VIA: 'ssh' },
    { SSH_PORT: 2022, NODES_VIA: 'agent', APPROVERS: ['U0BOB', 'S0WEST'], ALERT_CHANNEL: 'west' },
  ]);
});

test('the example of the install page is a configuration of two clusters', () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/install.md'), 'utf8');
  const [, example = ''] = /## Several clusters[^]*?```yaml\n([^]*?)```/.exec(page) ?? [];
  const { config, problems } = inspectConfig(fileOf(parse(example) as object), ['cluster']);
  expect(problems).toEqual([]);
  expect(config.clusters.map(({ name, settings: { APPROVERS: who } }) => [name, who])).toEqual([
    ['east', ['S0PLATFORM']],
    ['west', ['S0WEST']],
  ]);
});

test('a cluster has approvers of its namespaces', () => {
  const { namespaceApprovers } = approversByCluster(
    loadConfig(
      fileOf({
        NAMESPACE_APPROVERS: ['shop=S0SHOP'],
        CLUSTERS: { east: {}, west: { NAMESPACE_APPROVERS: 'shop=U0BOB,shop=@shop,web=U0WEB' } },
      }),
      [],
    ),
  );
  expect(namespaceApprovers('east', 'shop')).toEqual(['S0SHOP']);
  expect(namespaceApprovers('west', 'shop')).toEqual(['U0BOB', '@shop']);
  expect([namespaceApprovers('east', 'web'), namespaceApprovers('gone', 'shop')]).toEqual([[], []]);
  for (const wrong of ['shop', 'shop=alice', 'Shop=U0BOB', '=U0BOB', 'shop=U0BOB=x'])
    expect(() => loadConfig({ NAMESPACE_APPROVERS: wrong }, [])).toThrow(/NAMESPACE_APPROVERS\.0: must be NAMESPACE=/);
});

test('a cluster says from which risk on two people must approve; one that is gone has the strictest', () => {
  const config = loadConfig(
    fileOf({ TWO_APPROVERS_FROM: 'high', CLUSTERS: { east: {}, west: { TWO_APPROVERS_FROM: 'low' } } }),
    [],
  );
  expect(['east', 'west', 'gone'].map(twoApproversFrom(config))).toEqual(['high', 'low', 'low']);
  const only = twoApproversFrom(loadConfig({ TWO_APPROVERS_FROM: 'medium' }, []));
  expect([only('default'), only('other'), twoApproversFrom(loadConfig({}, []))('default')]).toEqual([
    'medium',
    'medium',
    null,
  ]);
  expect(() => loadConfig({ TWO_APPROVERS_FROM: 'sometimes' }, [])).toThrow(
    'TWO_APPROVERS_FROM: must be low, medium, high or never',
  );
});

test('a cluster with a kubeconfig of its own does not have the context of another', () => {
  const { clusters } = loadConfig(
    fileOf({
      KUBECONFIG: '/none/all',
      KUBE_CONTEXT: 'admin@all',
      CLUSTERS: {
        east: { KUBECONFIG: '/none/east' },
        west: { KUBECONFIG: '/none/west', KUBE_CONTEXT: 'west' },
        north: { KUBE_CONTEXT: 'north' },
        all: {},
      },
    }),
    [],
  );
  expect(clusters.map(({ name, settings }) => [name, settings.KUBECONFIG, settings.KUBE_CONTEXT])).toEqual([
    ['east', '/none/east', undefined],
    ['west', '/none/west', 'west'],
    ['north', '/none/all', 'north'],
    ['all', '/none/all', 'admin@all'],
  ]);
});

test('a name that would be one of a queue is taken where nobody else has it', () => {
  expect(inspectConfig(fileOf({ CLUSTERS: { 'east-background': {}, west: {} } }), []).problems).toEqual([]);
});

test('without CLUSTERS there is one, with the settings of all', () => {
  const { clusters } = loadConfig({ SSH_USER: 'bot' }, []);
  expect(clusters).toMatchObject([{ name: 'default', channels: [], settings: { SSH_USER: 'bot' } }]);
});

test.each<[string, object, RegExp]>([
  ['an unknown setting', { east: { SSH_USR: 'x' } }, /^CLUSTERS\.east\.SSH_USR: unknown key, did you mean SSH_USER\?$/],
  ['a setting of all', { east: { SLACK_BOT_TOKEN: 'xoxb-1' } }, /^CLUSTERS\.east\.SLACK_BOT_TOKEN: unknown key/],
  ['a wrong value', { east: { SSH_PORT: 0 } }, /^CLUSTERS\.east\.SSH_PORT: must be at least 1$/],
  ['an approver by name', { east: { APPROVERS: ['alice'] } }, /^CLUSTERS\.east\.APPROVERS\.0: must be a Slack id/],
  ['a channel by name', { east: { CHANNELS: '#east' } }, /^CLUSTERS\.east\.CHANNELS\.0: must be the id of a channel/],
  [
    'a channel of two',
    { east: { CHANNELS: 'C0BOTH' }, west: { CHANNELS: 'C0BOTH' } },
    /^CLUSTERS: the channel C0BOTH belongs to several clusters$/,
  ],
  [
    'a name that a queue of another has',
    { east: {}, 'east-background': {}, 'east-other': {} },
    /^CLUSTERS: east-background is also the name of a queue of east: give one of them another name$/,
  ],
  ['a name with a dot', { 'a.b': {} }, /^CLUSTERS\.a\.b: a cluster must have a name of a-z, 0-9 and -$/],
  ['no cluster', {}, /^CLUSTERS: must name at least one cluster$/],
  ['a list', ['east'], /^CLUSTERS: must be a map of names/],
  ['a name alone', { east: 'x' }, /^CLUSTERS\.east: must be a map of keys/],
])('%s is refused', (_, CLUSTERS, problem) => {
  expect(inspectConfig(fileOf({ CLUSTERS }), []).problems).toEqual([expect.stringMatching(problem)]);
});

test('a command line names its cluster, or there is one only', () => {
  const config = loadConfig(fileOf({ CLUSTERS: { east: {}, west: {} } }), []);
  expect(namedCluster(config, 'west').name).toBe('west');
  expect(() => namedCluster(config, null)).toThrow('there are several clusters: east, west');
  expect(() => namedCluster(config, 'north')).toThrow('there is no cluster north: the configuration has east, west');
  const alone = loadConfig({ ...fileOf({ CLUSTERS: { east: {}, west: {} } }), CLUSTERS: 'none' }, []);
  expect(namedCluster(alone, null).name).toBe('default');
});

test.each<[string, object, string | null]>([
  ['the kubeconfig and context of one', { KUBECONFIG: '/none/all', KUBE_CONTEXT: 'b' }, 'west'],
  ['its own file', { KUBECONFIG: '/none/../none/east' }, 'east'],
  ['another context of the file', { KUBECONFIG: '/none/all', KUBE_CONTEXT: 'c' }, null],
  ['another file', { KUBECONFIG: '/none/other', KUBE_CONTEXT: 'b' }, null],
])('%s: the name that the configuration has for it, or none', (_, given, name) => {
  const file = fileOf({
    KUBECONFIG: '/none/all',
    CLUSTERS: { east: { KUBECONFIG: '/none/east', SSH_USER: 'bot' }, west: { KUBE_CONTEXT: 'b' } },
  });
  const alone = loadConfig({ ...file, ...given, CLUSTERS: 'none' }, []);
  const found = configuredAs(namedCluster(alone, null), loadConfig(file, []));
  expect(found?.name ?? null).toBe(name);
});

test.each<[string, ClusterOptions, object]>([
  ['a kubeconfig: its current context', { kubeconfig: '/none/b' }, { KUBECONFIG: '/none/b', KUBE_CONTEXT: undefined }],
  ['a context of the same file', { context: 'other' }, { KUBECONFIG: '/none/a', KUBE_CONTEXT: 'other' }],
  [
    'a kubeconfig and its context',
    { kubeconfig: '/none/b', context: 'b' },
    { KUBECONFIG: '/none/b', KUBE_CONTEXT: 'b' },
  ],
  ['neither', {}, { KUBECONFIG: '/none/a', KUBE_CONTEXT: 'a' }],
])('a command line with %s', (_, options, expected) => {
  const set = { KUBECONFIG: '/none/a', KUBE_CONTEXT: 'a' };
  for (const environment of [set, fileOf(set)]) {
    const told = clusterOf(options, { environment } as unknown as Surroundings);
    const { KUBECONFIG, KUBE_CONTEXT } = loadConfig(told.environment, []);
    expect({ KUBECONFIG, KUBE_CONTEXT }).toEqual(expected);
  }
});

test('where the configuration has one cluster, what the command line names has its name', () => {
  const alone = loadConfig({ KUBECONFIG: '/none/other', CLUSTERS: 'none' }, []);
  expect(configuredAs(namedCluster(alone, null), loadConfig({}, []))?.name).toBe('default');
});

test('the schema knows the settings of a cluster', () => {
  const { properties } = configSchema() as {
    properties: { CLUSTERS: { additionalProperties: { properties: object } } };
  };
  const own = Object.keys(properties.CLUSTERS.additionalProperties.properties);
  expect(own).toEqual(expect.arrayContaining(['KUBECONFIG', 'SSH_USER', 'APPROVERS', 'CHANNELS']));
  expect(own).not.toContain('SLACK_BOT_TOKEN');
});
