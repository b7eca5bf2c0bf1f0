import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadClient } from '../src/adapters/kubernetes/client.ts';
import { inspectConfig, loadConfig } from '../src/config.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-config-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

test('nothing is needed for what needs nothing, and defaults hold', () => {
  expect(loadConfig({ XDG_STATE_HOME: '/state' }, [])).toMatchObject({
    APPROVERS: [],
    FOLLOW_UP_MINUTES: [1, 5, 15, 30, 60, 120, 240, 480, 1440],
    ALERT_CHANNELS: [],
    ALERT_TARGETS: [],
    ALERT_POST_CHANNELS: [],
    ALERT_POST_APPS: [],
    ALERT_POST_TEXTS: [],
    DIAGNOSES_PER_MINUTE: 10,
    FIXES_PER_HOUR: 60,
    TWO_APPROVERS_FROM: 'never',
    NAMESPACE_APPROVERS: [],
    STATE_DIR: '/state/calico-chatops',
  });
});

test.each([
  [{ ALERT_POST_CHANNELS: 'C0ALERTS' }, 'ALERT_POST_APPS: it must name the apps'],
  [{ ALERT_POST_APPS: 'B0ALERTS' }, 'ALERT_POST_CHANNELS: it must name the channels'],
  [{ ALERT_POST_CHANNELS: '#alerts', ALERT_POST_APPS: 'B0ALERTS' }, 'must be the id of a channel'],
  [{ ALERT_POST_TEXTS: 'pod {pod}\nno label' }, '"no label" names no label in braces'],
])('posts of alerts: %j', (environment, problem) => {
  expect(() => loadConfig(environment, [])).toThrow(problem);
});

test('every problem is listed at once', () => {
  const wrong = {
    SLACK_BOT_TOKEN: 'xapp-wrong',
    SLACK_API_URL: 'http://slack.example.com/api/',
    REDIS_URL: 'localhost',
    APPROVERS: 'alice',
    LISTEN: 'here',
    FOLLOW_UP_MINUTES: '5,1',
    ALERT_TOKEN: 'short',
    ALERT_BASIC_AUTH: 'prometheus:short',
    ALERT_CHANNELS: 'oncall,No Channel!',
    DIAGNOSES_PER_MINUTE: '0',
    KUBECONFIG: '/none',
  };
  expect(() => loadConfig(wrong, ['nodes', 'slack'])).toThrow(
    /SLACK_BOT_TOKEN.*SLACK_API_URL.*REDIS_URL.*APPROVERS.*ALERT_TOKEN.*ALERT_BASIC_AUTH.*ALERT_CHANNELS.*DIAGNOSES_PER_MINUTE.*LISTEN.*FOLLOW_UP_MINUTES/,
  );
  expect(() => loadConfig({ KUBECONFIG: '/none', SSH_KEY_FILE: '/none' }, ['nodes', 'slack', 'slack-events'])).toThrow(
    'SLACK_BOT_TOKEN is not set; SSH_USER is not set; SSH_KNOWN_HOSTS_FILE is not set; neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set; SSH_KEY_FILE: /none cannot be read (ENOENT); KUBECONFIG: /none cannot be read (ENOENT)',
  );
});

test('the environment wins over the file, and the file may hold lists', async () => {
  const path = await file(
    'good.yaml',
    'APPROVERS: [U0ALICE, "@platform"]\nFOLLOW_UP_MINUTES: [0.5, 2]\nSSH_USER: from-file\nLISTEN: 8080\n',
  );
  expect(loadConfig({ CALICO_CHATOPS_CONFIG: path, SSH_USER: 'from-environment' }, [])).toMatchObject({
    APPROVERS: ['U0ALICE', '@platform'],
    FOLLOW_UP_MINUTES: [0.5, 2],
    SSH_USER: 'from-environment',
    LISTEN: { host: '127.0.0.1', port: 8080 },
  });
});

/** What reading would wait for, or never come to the end of. */
const endless: readonly (readonly [string, () => Promise<string>, string])[] = [
  [
    'a pipe that nobody writes into',
    async () => {
      const path = join(folder, randomUUID());
      execFileSync('mkfifo', [path]);
      return path;
    },
    'not a regular file',
  ],
  ['a device', async () => '/dev/zero', 'not a regular file'],
  ['a folder', async () => folder, 'not a regular file'],
  [
    'a file of a terabyte',
    async () => {
      const path = await file(randomUUID(), '');
      await truncate(path, 2 ** 40);
      return path;
    },
    'larger than',
  ],
];

test.each(endless)('%s is no configuration, and nothing waits for it', async (_, make, why) => {
  const path = await make();
  const { problems } = inspectConfig({ CALICO_CHATOPS_CONFIG: path }, []);
  expect(problems).toEqual([expect.stringContaining(`CALICO_CHATOPS_CONFIG: ${path} cannot be read (${why}`)]);
});

test.each(endless)('%s is no kubeconfig and no key, and nothing waits for it', async (_, make, why) => {
  const path = await make();
  const names = ['KUBECONFIG', 'SSH_KEY_FILE', 'SSH_KNOWN_HOSTS_FILE'];
  const { problems } = inspectConfig(Object.fromEntries(names.map((name) => [name, path])), ['nodes']);
  for (const name of names)
    expect(problems).toContainEqual(expect.stringContaining(`${name}: ${path} cannot be read (${why}`));
  // Somebody may take its place after the configuration was checked.
  await expect(loadClient({ kubeconfig: path })).rejects.toThrow(`the kubeconfig ${path} cannot be read (${why}`);
});

test('a key that does not exist is named, with what was meant', async () => {
  const path = await file('typo.yaml', 'SSH_USR: bot\n');
  expect(() => loadConfig({ CALICO_CHATOPS_CONFIG: path }, [])).toThrow('unknown key SSH_USR, did you mean SSH_USER?');
});

test.each([
  ['[1, 2]', 'it must be a map'],
  [': :', 'CALICO_CHATOPS_CONFIG'],
  ['a: [', 'CALICO_CHATOPS_CONFIG'],
])('a file that holds %s is refused', async (content, why) => {
  const path = await file('bad.yaml', content);
  expect(() => loadConfig({ CALICO_CHATOPS_CONFIG: path }, [])).toThrow(why);
});

test('a file that is not there is a problem', () => {
  expect(() => loadConfig({ CALICO_CHATOPS_CONFIG: '/none.yaml' }, [])).toThrow('/none.yaml');
});

test.each([
  ['https://slack.com/api/', true],
  ['http://127.0.0.1:7000/api/', true],
  ['http://localhost:1/', true],
  ['http://127.evil.example/', false],
  ['http://10.0.0.1/', false],
  ['file:///etc', false],
])('tokens go to %s: %s', (url, allowed) => {
  const load = () => loadConfig({ SLACK_API_URL: url }, []);
  if (allowed) expect(load().SLACK_API_URL).toBe(url);
  else expect(load).toThrow('SLACK_API_URL');
});

test.each([
  ['127.0.0.1:80', '127.0.0.1', 80],
  ['[::1]:80', '::1', 80],
  ['80', '127.0.0.1', 80],
  ['bot.local:0', 'bot.local', 0],
])('LISTEN %s', (text, host, port) => {
  expect(loadConfig({ LISTEN: text }, []).LISTEN).toEqual({ host, port });
});

test('empty is not set', () => {
  expect(loadConfig({ SLACK_BOT_TOKEN: '', REDIS_URL: '' }, []).REDIS_URL).toBeUndefined();
});

test.each([
  ['redis://127.0.0.1:6379', null],
  ['redis://localhost', null],
  ['redis://[::1]:6379', null],
  ['unix:/run/redis.sock', null],
  ['rediss://:secret@redis.example.com', null],
  ['redis://redis.example.com', 'a password and TLS'],
  ['redis://:secret@10.0.0.7:6379', 'needs TLS'],
  ['rediss://redis.example.com', 'needs a password;'],
  ['redis://127.evil.example', 'a password and TLS'],
  ['rediss://user@redis.example.com', 'needs a password;'],
])('a Redis at %s: %s', (address, problem) => {
  const load = (more: Record<string, string> = {}) => loadConfig({ REDIS_URL: address, ...more }, []);
  if (problem === null) expect(load().REDIS_URL).toBe(address);
  else expect(() => load()).toThrow(problem);
  expect(load({ REDIS_ALLOW_INSECURE: 'true' }).REDIS_URL).toBe(address);
  expect(() => load({ REDIS_ALLOW_INSECURE: 'yes' })).toThrow('REDIS_ALLOW_INSECURE: must be true or false');
});

test('who asked may approve, unless it is forbidden', async () => {
  const path = await file('own.yaml', 'APPROVE_OWN: false\n');
  expect(
    [loadConfig({}, []), loadConfig({ APPROVE_OWN: 'false' }, []), loadConfig({ CALICO_CHATOPS_CONFIG: path }, [])].map(
      (config) => config.APPROVE_OWN,
    ),
  ).toEqual([true, false, false]);
});

test.each<[string, unknown]>([
  ['bastion.example.com', { user: null, host: 'bastion.example.com', port: 22 }],
  ['bot@192.0.2.9:2222', { user: 'bot', host: '192.0.2.9', port: 2222 }],
])('a bastion %s', (text, jump) => {
  expect(loadConfig({ SSH_JUMP: text, SSH_PORT: '2022' }, [])).toMatchObject({ SSH_JUMP: jump, SSH_PORT: 2022 });
});

test.each(['-oProxyCommand=x', 'a b', 'bastion:0', 'bastion:70000', '@bastion', ''])('%j is not a bastion', (text) => {
  const read = () => loadConfig({ SSH_JUMP: text }, []);
  if (text === '') expect(read().SSH_JUMP).toBeUndefined();
  else expect(read).toThrow('SSH_JUMP: must be a host');
});

test('the way to the nodes: a key, or a map in the file; the agent needs no key', async () => {
  const path = await file('agent.yaml', 'nodes: {via: agent}\n');
  expect(loadConfig({ CALICO_CHATOPS_CONFIG: path }, ['nodes'])).toMatchObject({ NODES_VIA: 'agent' });
  expect(loadConfig({ NODES_VIA: 'agent' }, ['nodes'])).toMatchObject({ NODES_VIA: 'agent' });
  expect(inspectConfig({ NODES_VIA: 'telnet', KUBECONFIG: path }, ['nodes']).problems).toEqual([
    'NODES_VIA: must be ssh or agent',
  ]);
  const wrong = await file('agent-typo.yaml', 'nodes: {vai: agent}\n');
  expect(() => loadConfig({ CALICO_CHATOPS_CONFIG: wrong }, [])).toThrow('unknown key NODES_VAI');
  const list = await file('agent-list.yaml', 'nodes: [agent]\n');
  expect(() => loadConfig({ CALICO_CHATOPS_CONFIG: list }, [])).toThrow('unknown key nodes');
});

test('a script called apply beside the configuration is not taken for the one of init', async () => {
  const path = await file('foreign.yaml', '');
  await file('apply', 'rm -rf build');
  const folderOf = () => inspectConfig({ CALICO_CHATOPS_CONFIG: path }, []).config.initFolder;
  expect(folderOf()).toBeNull();
  await mkdir(join(folder, 'rbac'));
  await file('rbac/calico-chatops.yaml', '');
  expect(folderOf()).toBe(folder);
});
