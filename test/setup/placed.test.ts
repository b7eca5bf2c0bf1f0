/** What a person copies from a line of doctor is there where the person types it. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { renewAgent } from '../../src/setup/agent-way-in.ts';
import { limited, ok } from '../../src/setup/check.ts';
import { applyAgent } from '../../src/model/agent.ts';
import { LookError } from '../../src/model/look-error.ts';
import { nodeAccess } from '../../src/setup/node-access.ts';
import { placed } from '../../src/setup/placed.ts';
import { wayInTrouble } from '../../src/setup/way-in.ts';

const root = resolve(import.meta.dirname, '../..');
const home = process.cwd();
afterEach(() => process.chdir(home));

const next = (text: string, folder: string | null) => placed(limited('x', { text: 'y', next: text }), folder).next;

test('in a checkout a path is the one of the checkout', () => {
  process.chdir(root);
  expect(next('Run kubectl apply -f deploy/rbac/', null)).toBe('Run kubectl apply -f deploy/rbac/');
});

test('elsewhere a path is the one of the package, and it exists', () => {
  process.chdir(tmpdir());
  const told = next('Run kubectl apply -f deploy/rbac/ -f deploy/rbac/calico-system/', null) ?? '';
  const paths = [...told.matchAll(/-f (\S+)/g)].map(([, path = '']) => path);
  expect(paths).toEqual([`${root}/deploy/rbac/`, `${root}/deploy/rbac/calico-system/`]);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

test.each([
  'Run kubectl apply -f deploy/rbac/',
  'Run kubectl apply -f deploy/rbac/, and use the account calico-chatops',
  'Run deploy/node/install KEY.pub on the node as root',
  'Run deploy/node/install KEY.pub on the node again, from this version of calico-chatops',
  'Run kubectl apply -f deploy/node-agent/',
  'Make a kubeconfig with a new token: kubectl -n calico-chatops create token calico-chatops --duration 8760h',
])('in an installation of init its script does it: %s', (told) => {
  expect(next(told, '/srv/bot')).toBe('Run calico-chatops init /srv/bot, then /srv/bot/apply');
});

test('a folder with a space in its name is one word of the command', () => {
  expect(next('Run kubectl apply -f deploy/rbac/', '/srv/the bot')).toBe(
    "Run calico-chatops init '/srv/the bot', then '/srv/the bot/apply'",
  );
  const made = 'Run ssh-keygen -f K, and deploy/node/install K.pub on each node';
  expect(next(made, '/srv/$& bot')).toBe("Run ssh-keygen -f K, then '/srv/$& bot/apply'");
});

test('what the script cannot do stays as it is, and a key that is made is installed by it', () => {
  expect(next('Run ssh-keyscan NODE', '/srv/bot')).toBe('Run ssh-keyscan NODE');
  expect(placed(ok('a', 'b'), '/srv/bot')).toEqual(ok('a', 'b'));
  const made = 'Run ssh-keygen -t ed25519 -N "" -f /srv/bot/bot-key';
  expect(next(`${made}, and deploy/node/install /srv/bot/bot-key.pub on each node`, '/srv/bot')).toBe(
    `${made}, then /srv/bot/apply`,
  );
});

test('an image of this version is built from the package, and the script of init rolls it out', () => {
  process.chdir(tmpdir());
  const [build, pushed] = [
    `docker build -t IMAGE -f ${root}/deploy/node-agent/Dockerfile ${root}/deploy/`,
    'docker push IMAGE',
  ];
  expect(next(renewAgent, null)).toContain(`Run ${build} && ${pushed}, `);
  expect(next(renewAgent, '/srv/bot')).toBe(
    `Run ${build} && ${pushed}, with a new tag, ` +
      'then calico-chatops init /srv/bot --image IMAGE, then /srv/bot/apply',
  );
});

const compare = (key: string, whose: string) => `compare ${key} with the console of ${whose} node`;
const hosts = (file: string) => ({
  empty: `Run ssh-keyscan NODE >> ${file} for each node, ${compare('each key', 'its')}, and name the node in it`,
  missing: `Run ssh-keyscan NODE, ${compare('the key', 'the')}, and put it into ${file} under the name of the node`,
  other: `Run ssh-keyscan NODE, ${compare('the key', 'the')}, and put it into ${file}`,
});

test('a missing host key in the folder of init is added by its script, and another one is compared first', () => {
  const { empty, missing, other } = hosts('/srv/bot/known_hosts');
  const added = 'Run /srv/bot/apply, and compare the host keys that it prints with the console of each node';
  expect([next(empty, '/srv/bot'), next(missing, '/srv/bot')]).toEqual([added, added]);
  expect(next(other, '/srv/bot')).toBe(
    'Compare ssh-keyscan NODE with the console of the node. If the keys are the same, ' +
      'run ssh-keygen -R NODE -f /srv/bot/known_hosts, then /srv/bot/apply',
  );
});

test('a file of host keys elsewhere is not the one of the script', () => {
  for (const told of Object.values(hosts('/etc/ssh/bot_hosts'))) expect(next(told, '/srv/bot')).toBe(told);
});

test('those words of host keys are what the checks say', async () => {
  const way = { name: 'n', address: '192.0.2.1', hostsFile: 'F' };
  const told = ['its host key X is not in known_hosts', 'its host key X is not the one in known_hosts'].map(
    (said) => wayInTrouble(new LookError('ssh-host-key', `n (192.0.2.1:22): ${said}`), way).next,
  );
  const access = await nodeAccess(
    { user: 'u', keyFile: 'K', hostsFile: 'F' },
    { read: async () => '', privateKeyProblem: () => null, hostKeys: () => 0 },
  );
  const [empty] = access.keys === null ? access.troubles.map((trouble) => trouble.next) : [];
  expect({ empty, missing: told[0], other: told[1] }).toEqual(hosts('F'));
});

test('every line that tells to apply something of deploy/ is one that the script of init stands for', () => {
  const sources = globSync('src/setup/*.ts', { cwd: root }).filter((path) => !path.endsWith('placed.ts'));
  const told = sources.flatMap((path) =>
    [
      ...readFileSync(`${root}/${path}`, 'utf8')
        .replaceAll('${applyAgent}', applyAgent)
        .matchAll(/['`](Run (?:kubectl apply -f )?deploy\/[^'`$]+)/g),
    ].map(([, text = '']) => text),
  );
  expect(told.length).toBeGreaterThan(3);
  for (const text of told) expect(next(text, '/srv/bot')).toBe('Run calico-chatops init /srv/bot, then /srv/bot/apply');
});
