import { KubeConfig } from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { aheadOf, credentialsEndOf } from '../../../src/adapters/kubernetes/credentials.ts';

function configOf(user: object): KubeConfig {
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [],
    users: [{ name: 'u', ...user }],
    contexts: [{ name: 'c', cluster: 'none', user: 'u' }],
    currentContext: 'c',
  });
  return config;
}
const token = (claims: unknown) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('a token says when it ends', () => {
  const end = credentialsEndOf(configOf({ token: token({ exp: 1_800_000_000 }) }));
  expect(end).toEqual({ kind: 'token', at: new Date('2027-01-15T08:00:00Z') });
});

test.each([
  ['no credentials', {}],
  ['a token of a file of tokens', { token: 'a-plain-token' }],
  ['a token without an end', { token: token({ iat: 1 }) }],
  ['an end that is text', { token: token({ exp: '1800000000' }) }],
  ['an end beyond all calendars', { token: token({ exp: 1e30 }) }],
  ['claims that are null', { token: token(null) }],
  ['what is no certificate', { certData: 'AAAA' }],
  ['a program that is asked for a token', { exec: { command: 'login' } }],
])('%s: nothing is said', (_, user) => {
  expect(credentialsEndOf(configOf(user))).toBeNull();
});

test('a client certificate says when it ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cc-credentials-'));
  try {
    const [key, crt] = [join(folder, 'key'), join(folder, 'crt')];
    const asked = ['req', '-x509', '-newkey', 'ed25519', '-nodes', '-subj', '/CN=u', '-days', '3'];
    execFileSync('openssl', [...asked, '-keyout', key, '-out', crt], { stdio: 'ignore' });
    const end = credentialsEndOf(configOf({ certData: (await readFile(crt)).toString('base64') }));
    expect(end?.kind).toBe('client certificate');
    expect(Math.abs((end?.at.getTime() ?? 0) - Date.now() - 3 * 86_400_000)).toBeLessThan(3_600_000);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.each([
  ['the same second', 'Thu, 01 Jan 1970 00:01:40 GMT', 100_200, 100_400, 0],
  ['a slow answer, whose header was written at its beginning', 'Thu, 01 Jan 1970 00:01:40 GMT', 100_000, 190_000, 0],
  ['a slow answer, whose header was written at its end', 'Thu, 01 Jan 1970 00:03:10 GMT', 100_000, 190_500, 0],
  ['a clock that is ahead', 'Thu, 01 Jan 1970 00:03:20 GMT', 100_000, 101_000, 99_000],
  ['a clock that is behind', 'Thu, 01 Jan 1970 00:00:00 GMT', 100_000, 101_000, -99_000],
  ['no header', undefined, 1, 2, null],
  ['a header that is no date', 'soon', 1, 2, null],
])('how far a server is ahead: %s', (_, header, sent, received, ahead) => {
  expect(aheadOf(header, sent, received)).toBe(ahead);
});
