import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.ts';
import { secretFileKeys } from '../../src/config-secrets.ts';
import { settings } from '../../src/config-settings.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cc-config-command-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function program(argv: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const said = { out: '', err: '' };
  const exit = await runProgram(argv, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    environment: { HOME: '/none', ...environment },
    signal: new AbortController().signal,
  });
  return { exit, ...said };
}

describe('config check', () => {
  test('says that a configuration is valid', async () => {
    expect(await program(['config', 'check'], { APPROVERS: 'U0ALICE' })).toMatchObject({
      exit: 0,
      out: 'The configuration is valid.\n',
    });
  });
  test('names every problem, one a line, also as a document', async () => {
    const wrong = { APPROVERS: 'alice', SLACK_BOT_TOKEN_FILE: '/none' };
    const { exit, out } = await program(['config', 'check'], wrong);
    expect(exit).toBe(3);
    expect(out.trimEnd().split('\n')).toEqual([
      'FAIL SLACK_BOT_TOKEN_FILE: /none cannot be read (ENOENT)',
      expect.stringContaining('FAIL APPROVERS.0: must be a Slack id'),
    ]);
    const document = JSON.parse((await program(['config', 'check', '-o', 'json'], wrong)).out);
    expect(document).toMatchObject({ schema: 'calico-chatops/config-check/v1', ok: false });
    expect(document.problems).toHaveLength(2);
  });
});

describe('config show', () => {
  test('says where each value comes from, and shows no secret', async () => {
    const path = join(folder, 'some.yaml');
    await writeFile(path, 'FOLLOW_UP_MINUTES: [2, 4]\nALERT_TOKEN: token-of-the-yaml\n');
    const { exit, out } = await program(['config', 'show'], {
      CALICO_CHATOPS_CONFIG: path,
      LISTEN: '8080',
      REDIS_URL: 'rediss://:password-of-redis@redis.example.com:6380',
    });
    expect(exit).toBe(0);
    expect(out).toMatch(/^FOLLOW_UP_MINUTES +2, 4 {2}\(file\)$/m);
    expect(out).toMatch(/^LISTEN +127\.0\.0\.1:8080 {2}\(environment\)$/m);
    expect(out).toMatch(/^DIAGNOSES_PER_MINUTE +10 {2}\(default\)$/m);
    expect(out).toMatch(/^SSH_USER +not set {2}\(no default\)$/m);
    expect(out).toMatch(/^ALERT_TOKEN +\[secret\] {2}\(file\)$/m);
    expect(out).not.toMatch(/token-of-the-yaml|password-of-redis/);
  });
  test('is a document, too', async () => {
    const { out } = await program(['config', 'show', '-o', 'json'], { APPROVERS: 'U0ALICE,U0BERT' });
    expect(JSON.parse(out).settings).toContainEqual({
      key: 'APPROVERS',
      value: ['U0ALICE', 'U0BERT'],
      from: 'environment',
    });
  });
});

test('config schema knows every key that the file may have, and nothing else', async () => {
  const { exit, out } = await program(['config', 'schema']);
  expect(exit).toBe(0);
  const schema = JSON.parse(out);
  expect(Object.keys(schema.properties).toSorted()).toEqual(
    [...Object.keys(settings.shape), ...secretFileKeys].toSorted(),
  );
  expect(schema.additionalProperties).toBe(false);
  expect(schema.properties.APPROVERS.type).toEqual(['array', 'string']);
  expect(schema.required ?? []).toEqual([]);
});
