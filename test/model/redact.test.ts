import { describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { redactJson, redactText } from '../../src/model/redact.ts';

const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJl';

const env = (name: string) => redactJson([{ name, value: 'v' }]);

describe('text', () => {
  test.each([
    ['a private key', 'x\n-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\ny', /MIIE|abc/, /^x\n[^]*\ny$/],
    ['a private key that is cut off', '-----BEGIN PRIVATE KEY-----\nMIIE', /MIIE/, /redacted/],
    ['a token', `token is ${jwt} here`, /eyJ/, /^token is \[redacted\] here$/],
    ['an authorization header', 'Authorization: Bearer s3cr3t-t0ken', /s3cr3t/, /^Authorization: Bearer \[redacted\]$/],
    ['a token of Slack', 'xoxb-1234567890-abcdef', /1234567890/, /redacted/],
    ['a password in an address', 'redis://user:hunter2@host:6379/0', /hunter2/, /^redis:\/\/user:\[redacted\]@host:6379\/0$/],
    ['a password in a file', 'etcdPassword: hunter2\nnext: line', /hunter2/, /next: line$/],
    ['a password in JSON', '{"password":"hunter2","a":1}', /hunter2/, /"a":1}$/],
  ])('%s', (_, text, secret, kept) => {
    const clean = redactText(text);
    expect(clean).not.toMatch(secret);
    expect(clean).toMatch(kept);
    expect(redactText(clean)).toBe(clean);
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
    expect(redactJson({ kind: 'Secret', metadata: { name: 's' }, data: { user: 'YQ==' }, stringData: { b: 'c' } }))
      .toEqual({ kind: 'Secret', metadata: { name: 's' }, data: { user: '[redacted]' }, stringData: { b: '[redacted]' } });
  });

  test('environment variables that are named so, and no others', () => {
    expect(env('DB_PASSWORD')).toEqual([{ name: 'DB_PASSWORD', value: '[redacted]' }]);
    expect(env('AWS_SECRET_ACCESS_KEY')).toEqual([{ name: 'AWS_SECRET_ACCESS_KEY', value: '[redacted]' }]);
    expect(env('ENABLED_CONTROLLERS')).toEqual([{ name: 'ENABLED_CONTROLLERS', value: 'v' }]);
  });

  test('text anywhere in them', () => {
    expect(redactJson({ a: [{ b: `--token=${jwt}` }], n: 1, t: true, z: null })).toEqual({ a: [{ b: '--token=[redacted]' }], n: 1, t: true, z: null });
  });
});
