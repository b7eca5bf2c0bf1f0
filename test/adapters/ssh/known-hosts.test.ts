import { describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fingerprint, fitsPattern, knownHostsName, parseKnownHosts } from '../../../src/adapters/ssh/known-hosts.ts';
import { growth } from '../../support/growth.ts';
import { attempt, run } from '../../../tools/lab/run.ts';

/** A key that ssh-keygen made: as in a file, as sent by a server, and its fingerprint. */
async function makeKey(type: string) {
  const folder = await mkdtemp(join(tmpdir(), 'known-hosts-'));
  await run(['ssh-keygen', '-q', '-t', type, '-N', '', '-f', `${folder}/key`]);
  const [name = '', base64 = ''] = (await readFile(`${folder}/key.pub`, 'utf8')).split(' ');
  const print = (await run(['ssh-keygen', '-lf', `${folder}/key.pub`])).split(' ')[1];
  await rm(folder, { recursive: true });
  return { line: `${name} ${base64}`, raw: Buffer.from(base64, 'base64'), print };
}

/** Whether OpenSSH itself finds the host in such a file. */
async function openSshFinds(text: string, host: string): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'known-hosts-'));
  await writeFile(`${folder}/known_hosts`, text);
  const { stdout } = await attempt(['ssh-keygen', '-F', host, '-f', `${folder}/known_hosts`]);
  await rm(folder, { recursive: true });
  return stdout.includes('found');
}

/** A node of which only this is known: by one spelling for name and address. */
const only = (host: string) => ({ name: host, address: host });
const keys = {
  ed25519: await makeKey('ed25519'),
  other: await makeKey('ed25519'),
  ecdsa: await makeKey('ecdsa'),
  rsa: await makeKey('rsa'),
};

const manyStars = (length: number) => `${'*a'.repeat(length / 2)}b`;

describe('known_hosts', () => {
  test('fingerprints are those that ssh-keygen prints', () => {
    for (const { raw, print } of Object.values(keys)) expect(fingerprint(raw)).toBe(print);
  });

  test('a port other than 22 is part of the name', () => {
    expect([knownHostsName('10.0.0.1', 22), knownHostsName('10.0.0.1', 2222)]).toEqual(['10.0.0.1', '[10.0.0.1]:2222']);
  });

  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['10.0.0.1', '10.0.0.11'],
    ['node-a,10.0.0.1', '10.0.0.1'],
    ['[10.0.0.1]:2222', '[10.0.0.1]:2222'],
    ['[10.0.0.1]:2222', '10.0.0.1'],
    ['10.0.0.1', '[10.0.0.1]:2222'],
    ['10.0.0.*', '10.0.0.7'],
    ['10.0.0.?', '10.0.0.12'],
    ['10.0.0.*,!10.0.0.7', '10.0.0.7'],
    ['10.0.0.*,!10.0.0.7', '10.0.0.8'],
    ['!10.0.0.7', '10.0.0.8'],
    ['Node-A', 'node-a'],
    ['10.0.0.1.', '10.0.0.1x'],
  ])('the names %s hold %s exactly when OpenSSH says so', async (names, host) => {
    const text = `# comment\n\n${names} ${keys.ed25519.line} a comment\n`;
    expect(parseKnownHosts(text).check(only(host), keys.ed25519.raw) === 'known').toBe(await openSshFinds(text, host));
  });

  test('hashed names, as ssh-keygen -H writes them', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'known-hosts-'));
    await writeFile(`${folder}/known_hosts`, `10.0.0.1 ${keys.ed25519.line}\n[10.0.0.2]:2222 ${keys.ecdsa.line}\n`);
    await run(['ssh-keygen', '-q', '-H', '-f', `${folder}/known_hosts`]);
    const text = await readFile(`${folder}/known_hosts`, 'utf8');
    await rm(folder, { recursive: true });
    expect(text).not.toContain('10.0.0');
    const known = parseKnownHosts(text);
    expect(known.check(only('10.0.0.1'), keys.ed25519.raw)).toBe('known');
    expect(known.check(only('[10.0.0.2]:2222'), keys.ecdsa.raw)).toBe('known');
    expect(known.check(only('10.0.0.3'), keys.ed25519.raw)).toBe('unknown');
  });

  test('another key than the one on file has changed; without one the host is unknown', () => {
    const known = parseKnownHosts(`10.0.0.1 ${keys.ed25519.line}\n`);
    expect(known.check(only('10.0.0.1'), keys.other.raw)).toBe('changed');
    expect(known.check(only('10.0.0.2'), keys.other.raw)).toBe('unknown');
  });

  test('several keys may be on file under the name', () => {
    const known = parseKnownHosts(`node-a ${keys.ed25519.line}\nnode-a,10.0.0.1 ${keys.ecdsa.line}\n`);
    for (const key of [keys.ed25519, keys.ecdsa])
      expect(known.check({ name: 'node-a', address: '10.0.0.1' }, key.raw)).toBe('known');
  });

  test('where the file knows the name, a key of the address alone is not taken', () => {
    const known = parseKnownHosts(`node-a ${keys.ed25519.line}\n10.0.0.2 ${keys.other.line}\n`);
    expect(known.check({ name: 'node-a', address: '10.0.0.2' }, keys.other.raw)).toBe('changed');
    expect(known.check({ name: 'node-a', address: '10.0.0.9' }, keys.ed25519.raw)).toBe('known');
    expect(known.check({ name: 'node-x', address: '10.0.0.2' }, keys.other.raw)).toBe('known');
    expect(known.algorithms({ name: 'node-a', address: '10.0.0.2' })).toEqual(['ssh-ed25519']);
  });

  test.each([
    ['in one line', () => `node-b,10.0.0.2 ${keys.other.line}\n`],
    ['in two lines', () => `node-b ${keys.other.line}\n10.0.0.2 ${keys.other.line}\n`],
    ['on another port', () => `[node-b]:2222 ${keys.other.line}\n10.0.0.2 ${keys.other.line}\n`],
  ])('a node that claims the address of another name is refused: %s', (_, text) => {
    expect(parseKnownHosts(text()).check({ name: 'node-x', address: '10.0.0.2' }, keys.other.raw)).toBe(
      'of-another-name',
    );
  });

  test('the short name of a node is its name with the domain', () => {
    const known = parseKnownHosts(`node-a.example.org,10.0.0.1 ${keys.ed25519.line}\n`);
    expect(known.check({ name: 'node-a', address: '10.0.0.1' }, keys.ed25519.raw)).toBe('known');
    expect(known.check({ name: 'node', address: '10.0.0.1' }, keys.ed25519.raw)).toBe('of-another-name');
  });

  test.each(['*,!10.0.0.1', '*,!node-a', '10.0.0.*,!node-a', '!10.0.0.1,node-*'])(
    'a line that negates the name or the address (%s) is not about the node',
    (names) => {
      expect(
        parseKnownHosts(`${names} ${keys.ed25519.line}\n`).check(
          { name: 'node-a', address: '10.0.0.1' },
          keys.ed25519.raw,
        ),
      ).toBe('unknown');
    },
  );

  test('a pattern of many stars costs as much as the name is long', async () => {
    expect(fitsPattern(manyStars(10), 'a'.repeat(10))).toBe(false);
    expect(fitsPattern(`${manyStars(10)}*`, `${'a'.repeat(10)}b`)).toBe(true);
    const fitted = (length: number) => {
      const [one, name] = [manyStars(length), 'a'.repeat(length)];
      return () => [fitsPattern(one, name), fitsPattern(`${one}*`, `${name}b`)];
    };
    expect(await growth(fitted, 20, 8)).toBeLessThan(8 * 3);
  });

  test('a revoked key is refused, whatever else is on file', () => {
    const known = parseKnownHosts(`10.0.0.1 ${keys.ed25519.line}\n@revoked * ${keys.ed25519.line}\n`);
    expect(known.check(only('10.0.0.1'), keys.ed25519.raw)).toBe('revoked');
  });

  test('an authority vouches for nobody, and a line of an unknown kind neither', () => {
    expect(parseKnownHosts(`@cert-authority * ${keys.ed25519.line}\n`).check(only('10.0.0.1'), keys.ed25519.raw)).toBe(
      'authority',
    );
    expect(parseKnownHosts(`@new-marker * ${keys.ed25519.line}\n`).check(only('10.0.0.1'), keys.ed25519.raw)).toBe(
      'unknown',
    );
  });

  test('the handshake asks for the kinds of keys on file; RSA with SHA-2 only', () => {
    const known = parseKnownHosts(
      `10.0.0.1 ${keys.rsa.line}\n10.0.0.1 ${keys.ecdsa.line}\n@revoked 10.0.0.1 ${keys.ed25519.line}\n`,
    );
    expect(known.algorithms(only('10.0.0.1'))).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ecdsa-sha2-nistp256']);
    expect(known.algorithms(only('10.0.0.2'))).toEqual([]);
  });
});
