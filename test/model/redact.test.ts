import { describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { plantedSecrets, secretsIn } from '../support/planted-secrets.ts';
import { redactJson, redactText } from '../../src/model/redact.ts';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl';

const env = (name: string) => redactJson([{ name, value: 'v' }]);

describe('text', () => {
  test.each([
    [
      'a private key',
      'x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\ny',
      /MIIE|abc/,
      /^x\n[^]*\ny$/,
    ],
    ['a private key that is cut off', '-----BEGIN PRIVATE KEY-----\nMIIE', /MIIE/, /redacted/],
    ['a token', `token is ${jwt} here`, /eyJ/, /^token is \[redacted\] here$/],
    ['an authorization header', 'Authorization: Bearer s3cr3t-t0ken', /s3cr3t/, /^Authorization: Bearer \[redacted\]$/],
    ['a token of Slack', 'xoxb-1234567890-abcdef', /1234567890/, /redacted/],
    [
      'a password in an address',
      'redis://user:hunter2@host:6379/0',
      /hunter2/,
      /^redis:\/\/user:\[redacted\]@host:6379\/0$/,
    ],
    ['a password in a file', 'etcdPassword: hunter2\nnext: line', /hunter2/, /next: line$/],
    ['a password in JSON', '{"password":"hunter2","a":1}', /hunter2/, /"a":1}$/],
  ])('%s', (_, text, secret, kept) => {
    const clean = redactText(text);
    expect(clean).not.toMatch(secret);
    expect(clean).toMatch(kept);
    expect(redactText(clean)).toBe(clean);
  });

  test.each([
    'https://a.blob.core.windows.net/c/x?sv=2022&sig=SECRET%3D&se=2030',
    'https://s3.amazonaws.com/b/k?X-Amz-Signature=SECRET&X-Amz-Expires=60',
    'https://storage.googleapis.com/b/k?X-Goog-Signature=SECRET',
    'https://maps.example/x?key=SECRET&v=1',
    'https://sentry.example/api?sentry_key=SECRET',
    'SharedAccessSignature=SECRET',
    'https://SECRET@git.example/org/repo.git: authentication required',
    '{"auths":{"r.example":{"auth":"SECRET"}}}',
    String.raw`"{\"auths\":{\"r.example\":{\"auth\":\"SECRET\"}}}"`,
    'https://api.telegram.org/bot123:SECRET/getMe',
    'glrt-SECRET',
    'hvb.SECRET',
    'pypi-SECRET',
    'sk-svcacct-SECRET',
    'LICENSE_KEY=SECRET',
    'PreSharedKey = SECRET',
    'psk=SECRET',
    'passcode: SECRET',
  ])('%s', (text) => {
    const clean = redactText(text.replace('SECRET', 's3cr3tV4lu3zzq9'.repeat(2)));
    expect(clean).not.toContain('V4lu3');
    expect(clean).toContain('[redacted]');
    expect(redactText(clean)).toBe(clean);
  });

  test.each([
    'https://api.example/x?pod=web&limit=5&author=me',
    'ssh://calico-chatops-account@node-a',
    'image repo/web@sha256:0123456789abcdef',
    'helm.sh/chart=epsko-1 upskill=yes',
    'https://user@host:8080/path',
  ])('stays as it is: %s', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('what a setting must be stays, and a password that begins so does not', () => {
    const told = 'SLACK_BOT_TOKEN: must be a bot token (xoxb-…); SLACK_SIGNING_SECRET_FILE: must hold one line';
    expect(redactText(told)).toBe(told);
    expect(redactText('password: must-be-long\npassword: mustbe x')).toBe(
      'password: [redacted]\npassword: [redacted] x',
    );
  });

  test.each(plantedSecrets)('$text', ({ text, value }) => {
    expect(text).toContain(value);
    for (const line of [
      text,
      `2026-11-23 [INFO] x.go 1: ${text} is forbidden`,
      JSON.stringify({ log: text }),
      `-A FORWARD -m comment --comment "${text.replaceAll('"', String.raw`\"`)}" -j DROP`,
    ]) {
      expect(secretsIn(redactText(line))).toEqual([]);
      expect(redactText(redactText(line))).toBe(redactText(line));
    }
  });

  test.each([
    ['selector: auth-token == \'x\' && password != "y" && has(secret)'],
    ["selector: token in { 'a' }"],
    ['serviceAccountSelector: api-key=="x"'],
    [
      '-A FORWARD -m comment --comment "-----BEGIN PRIVATE KEY-----" -j DROP\n-A FORWARD -m comment --comment "-----END PRIVATE KEY-----" -j DROP',
    ],
    ['-A FORWARD -m comment --comment "token:" -j LOG --log-prefix "password: "'],
    ['-A FORWARD -j NFQUEUE --queue-num 0 --queue-bypass'],
    ['{"comment":"password:","expr":[{"drop":null}]}'],
    ['{"ifalias":"cookie:","mtu":1}'],
    ['open /var/run/secrets/kubernetes.io/serviceaccount/token: no such file'],
    ['image quay.io/calico/node:v3.31.0@sha256:0123'],
    ['{"automountServiceAccountToken":false}'],
  ])('%s stays as it is', (text) => {
    expect(redactText(text)).toBe(text);
  });

  test('JSON stays JSON', () => {
    for (const [text, clean] of [
      ['{"password":"a\\"b","n":1}', null],
      ['{"token":12345}', { token: 0 }],
      ['{"secret":{"a":1}}', { secret: { a: 1 } }],
      ['{"comment":"password=x","n":[1]}', { comment: 'password=[redacted]', n: [1] }],
      [JSON.stringify({ log: '{"pw":"x"}' }), { log: '{"pw":"[redacted]"}' }],
    ] as const) {
      const parsed: unknown = JSON.parse(redactText(text));
      if (clean) expect(parsed).toEqual(clean);
    }
  });

  test('a path behind the name of a file stays, and a secret behind any other name does not', () => {
    const path = 'SLACK_BOT_TOKEN_FILE: /srv/bot/token is empty';
    expect(redactText(path)).toBe(path);
    expect(redactText('--from-file SECRET_FILE=/run/secret token_files=hunter2')).toBe(
      '--from-file SECRET_FILE=/run/secret token_files=[redacted]',
    );
    expect(redactText('TOKEN: hunter2')).not.toContain('hunter2');
  });

  test('words that identify stay: labels, selectors, names, and what was asked', () => {
    const kept = {
      labels: { 'auth-token': 'xoxb-1234567890' },
      name: 'xoxb-1234567890',
      target: { pod: 'default/xoxb-1234567890' },
      input: { profile: 'kns.xoxb-1234567890' },
    };
    expect(redactJson(kept)).toEqual(kept);
  });

  test('what Calico and the kernel print stays as it is', async () => {
    const folder = resolve(import.meta.dirname, '../fixtures');
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const text = await readFile(join(file.parentPath, file.name), 'utf8');
      expect(redactText(text)).toBe(text);
    }
  });
});

describe('objects', () => {
  test('values of Secrets, their names kept', () => {
    expect(
      redactJson({ kind: 'Secret', metadata: { name: 's' }, data: { user: 'YQ==' }, stringData: { b: 'c' } }),
    ).toEqual({
      kind: 'Secret',
      metadata: { name: 's' },
      data: { user: '[redacted]' },
      stringData: { b: '[redacted]' },
    });
  });

  test('environment variables that are named so, and no others', () => {
    expect(env('DB_PASSWORD')).toEqual([{ name: 'DB_PASSWORD', value: '[redacted]' }]);
    expect(env('AWS_SECRET_ACCESS_KEY')).toEqual([{ name: 'AWS_SECRET_ACCESS_KEY', value: '[redacted]' }]);
    expect(env('ENABLED_CONTROLLERS')).toEqual([{ name: 'ENABLED_CONTROLLERS', value: 'v' }]);
  });

  test('text anywhere in them', () => {
    expect(redactJson({ a: [{ b: `--token=${jwt}` }], n: 1, t: true, z: null })).toEqual({
      a: [{ b: '--token=[redacted]' }],
      n: 1,
      t: true,
      z: null,
    });
  });
});
