/** What ssh-keygen writes, and what people take for it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { assert, base64String, oneof, property, string } from 'fast-check';
import { privateKeyProblem } from '../../../src/adapters/ssh/private-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'cc-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

function keygen(name: string, type: string, phrase: string, format: readonly string[] = []): string {
  const file = join(folder, name);
  execFileSync('ssh-keygen', ['-q', '-t', type, ...format, '-N', phrase, '-f', file]);
  return readFileSync(file, 'utf8');
}

test.each([
  ['ed25519', []],
  ['ecdsa', []],
  ['ecdsa', ['-m', 'PEM']],
  ['ecdsa', ['-m', 'PKCS8']],
])('a key of type %s %j serves, and not with a passphrase', (type, format) => {
  const name = `${type}${format.join('')}`;
  expect(privateKeyProblem(keygen(name, type, '', format))).toBeNull();
  expect(privateKeyProblem(keygen(`${name}-locked`, type, 'a phrase', format))).toMatch(
    /^is protected by a passphrase/,
  );
  expect(privateKeyProblem(readFileSync(join(folder, `${name}.pub`), 'utf8'))).toMatch(/^holds a public key/);
});

test.each([
  ['nothing', ' \n', /^is empty$/],
  ['a public key in PEM', '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----', /^holds a public key/],
  ['another file', 'node-a ssh-ed25519 AAAA', /^does not hold a private key$/],
  ['half a key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNza\n-----END', /^does not hold a whole private key$/],
])('%s', (_, text, problem) => {
  expect(privateKeyProblem(text)).toMatch(problem);
});

test('no text makes it throw', () => {
  const framed = base64String().map((text) => `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END`);
  assert(
    property(oneof(string(), framed), (text) => {
      const problem = privateKeyProblem(text);
      expect(problem === null || problem.length > 0).toBe(true);
    }),
  );
});
