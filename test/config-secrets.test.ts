import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { secretNow } from '../src/config-secrets.ts';
import { inspectConfig, loadConfig } from '../src/config.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-secrets-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

function pipe(): string {
  const path = join(folder, randomUUID());
  execFileSync('mkfifo', [path]);
  return path;
}

test('a secret comes from its file, without the line end', async () => {
  const path = await file('token', 'xoxb-from-a-file\n');
  const { config, problems, origins } = inspectConfig({ SLACK_BOT_TOKEN_FILE: path }, ['slack']);
  expect(problems).toEqual([]);
  expect(config.SLACK_BOT_TOKEN).toBe('xoxb-from-a-file');
  expect(origins.get('SLACK_BOT_TOKEN')).toBe('secret-file');
});

test('the configuration file may name the file of a secret, and the environment wins over both', async () => {
  const token = await file('alert', 'a-token-of-alerts');
  const path = await file('with-file.yaml', `ALERT_TOKEN_FILE: ${token}\n`);
  expect(loadConfig({ CALICO_CHATOPS_CONFIG: path }, []).ALERT_TOKEN).toBe('a-token-of-alerts');
  expect(loadConfig({ CALICO_CHATOPS_CONFIG: path, ALERT_TOKEN: 'another-token' }, []).ALERT_TOKEN).toBe(
    'another-token',
  );
  const value = await file('with-value.yaml', 'ALERT_TOKEN: token-of-the-yaml\n');
  expect(loadConfig({ CALICO_CHATOPS_CONFIG: value, ALERT_TOKEN_FILE: token }, []).ALERT_TOKEN).toBe(
    'a-token-of-alerts',
  );
});

test.each([
  ['is not there', async () => join(folder, 'none'), 'cannot be read (ENOENT)'],
  ['is a folder', async () => folder, 'cannot be read (not a regular file)'],
  ['is a pipe that nobody writes into', async () => pipe(), 'cannot be read (not a regular file)'],
  ['is a device', async () => '/dev/zero', 'cannot be read (not a regular file)'],
  ['is empty', () => file('empty', '\n'), 'is empty'],
  ['holds two lines', () => file('two', 'xoxb-1\nxoxb-2\n'), 'must hold one line'],
  ['is too large', () => file('large', 'x'.repeat(20_000)), 'cannot be read (larger than 16384 bytes)'],
])('a file that %s is one problem, which names the file and no secret', async (_, make, problem) => {
  const path = await make();
  const { problems } = inspectConfig({ SLACK_BOT_TOKEN_FILE: path }, []);
  expect(problems).toEqual([`SLACK_BOT_TOKEN_FILE: ${path} ${problem}`]);
});

test.each(['SLACK_BOT_TOKEN_FILE', 'SLACK_APP_TOKEN_FILE', 'SLACK_SIGNING_SECRET_FILE'])(
  'only who needs Slack needs what %s names, as long as nothing is written there',
  async (key) => {
    const path = await file('unwritten', '');
    expect(loadConfig({ [key]: path }, [])).toMatchObject({ secretFiles: { [key.slice(0, -5)]: path } });
    for (const need of ['slack', 'slack-events'] as const)
      expect(() => loadConfig({ [key]: path }, [need])).toThrow(`${key}: ${path} is empty`);
    // Any other problem of it stays one.
    expect(() => loadConfig({ [key]: join(folder, 'none') }, [])).toThrow('cannot be read (ENOENT)');
  },
);

test('an empty file of another secret is a problem of everybody', async () => {
  const path = await file('unwritten-redis', '');
  expect(() => loadConfig({ REDIS_URL_FILE: path }, [])).toThrow(`REDIS_URL_FILE: ${path} is empty`);
});

test('a value and its file together are a problem', async () => {
  const path = await file('both', 'xoxb-1');
  expect(inspectConfig({ SLACK_BOT_TOKEN_FILE: path, SLACK_BOT_TOKEN: 'xoxb-2' }, []).problems).toEqual([
    'SLACK_BOT_TOKEN: both SLACK_BOT_TOKEN and SLACK_BOT_TOKEN_FILE are set. Set one of them',
  ]);
});

test.each([
  ['renewed', 'xoxb-2\n', 'xoxb-2'],
  ['emptied in the middle of a change', '', 'xoxb-1'],
  ['replaced by what is not a token', 'oops', 'xoxb-1'],
])('a secret whose file is %s', async (_, content, now) => {
  const path = await file('changing', 'xoxb-1');
  const read = secretNow(loadConfig({ SLACK_BOT_TOKEN_FILE: path }, []), 'SLACK_BOT_TOKEN');
  expect(read()).toBe('xoxb-1');
  await file('changing', content);
  expect(read()).toBe(now);
});

test('a secret whose file becomes a pipe or a device stays what it was, and nothing waits', async () => {
  const path = join(folder, 'link');
  await symlink(await file('target', 'xoxb-1'), path);
  const read = secretNow(loadConfig({ SLACK_BOT_TOKEN_FILE: path }, []), 'SLACK_BOT_TOKEN');
  for (const other of [pipe(), '/dev/zero', folder]) {
    await rm(path);
    await symlink(other, path);
    expect(read()).toBe('xoxb-1');
  }
});

test('a secret whose file is gone stays what it was', async () => {
  const path = await file('going', 'xoxb-1');
  const read = secretNow(loadConfig({ SLACK_BOT_TOKEN_FILE: path }, []), 'SLACK_BOT_TOKEN');
  await rm(path);
  expect(read()).toBe('xoxb-1');
});
