import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { refuseUnusedFile, unusedFile } from '../src/config-unused.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-unused-'));
  const files = {
    // As `init` writes them, below the folder of the person.
    'one/bot/calico-chatops.yaml': 'CLUSTER_NAME: default\n',
    'one/bot/apply': '',
    'one/bot/rbac/calico-chatops.yaml': 'kind: ServiceAccount\n',
    'two/calico-chatops.yaml': 'SSH_USER: bot\n',
    'two/bot/calico-chatops.yaml': 'SSH_USER: of nobody who ran init\n',
    'broken/calico-chatops/calico-chatops.yaml': 'SSH_USER: [\n',
    'broken/calico-chatops/apply': '',
    'broken/calico-chatops/rbac/calico-chatops.yaml': '',
    'a folder/calico-chatops.yaml': 'SSH_USER: bot\n',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ['a folder that init wrote', 'one', {}, 'Run export CALICO_CHATOPS_CONFIG=FOLDER/one/bot/calico-chatops.yaml'],
  ['the file itself', 'two', {}, 'Run export CALICO_CHATOPS_CONFIG=FOLDER/two/calico-chatops.yaml'],
  ['the folder of init', 'one/bot', {}, 'Run export CALICO_CHATOPS_CONFIG=FOLDER/one/bot/calico-chatops.yaml'],
  [
    'a file that cannot be read as YAML',
    'broken',
    {},
    'Run export CALICO_CHATOPS_CONFIG=FOLDER/broken/calico-chatops/calico-chatops.yaml',
  ],
  [
    'a kubeconfig of the shell, which would win',
    'one',
    { KUBECONFIG: '/k' },
    'Run export CALICO_CHATOPS_CONFIG=FOLDER/one/bot/calico-chatops.yaml; unset KUBECONFIG',
  ],
  [
    'a name that a shell would split',
    'a folder',
    {},
    "Run export 'CALICO_CHATOPS_CONFIG=FOLDER/a folder/calico-chatops.yaml'",
  ],
])('a file that nothing names is told with the command that names it: %s', (_, below, environment, next) => {
  const found = unusedFile(environment, join(folder, below));
  expect(found).toEqual({
    text: 'no configuration file is used, because CALICO_CHATOPS_CONFIG is not set',
    next: next.replace('FOLDER', folder),
  });
});

test.each<[string, string, Readonly<Record<string, string>>]>([
  ['no file is there', '.', {}],
  ['a file is named', 'one', { CALICO_CHATOPS_CONFIG: '/other.yaml' }],
  ['the environment has the settings', 'one', { SSH_USER: 'bot' }],
  ['the environment names a file of a secret', 'one', { SLACK_BOT_TOKEN_FILE: '/token' }],
  ['the command line names a cluster', 'one', { KUBECONFIG: '/k', CLUSTERS: 'none' }],
  ['a manifest has the name of the file', 'one/bot/rbac', {}],
])('nothing is told where %s', (_, below, environment) => {
  expect(unusedFile(environment, join(folder, below))).toBeNull();
  expect(() => refuseUnusedFile(environment, join(folder, below))).not.toThrow();
});
