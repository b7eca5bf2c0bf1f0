import type { ServerHostKeyAlgorithm } from 'ssh2';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A line of a known_hosts file that we understand. */
interface KnownKey {
  readonly matches: (name: string) => boolean;
  readonly marker: 'revoked' | 'authority' | null;
  readonly type: string;
  readonly key: Buffer;
}

/**
 * `known`: a line holds this key for one of the names. `changed`: lines hold only other keys for them. `authority`: only
 * a certificate authority is there, which is not supported.
 */
export type HostKeyStatus = 'known' | 'unknown' | 'changed' | 'revoked' | 'authority';

export interface KnownHosts {
  /** Host key algorithms of the keys on file for these names, for the handshake to ask for; empty: none on file. */
  algorithms(names: readonly string[]): ServerHostKeyAlgorithm[];
  /** @param key the raw public key as sent by the server */
  check(names: readonly string[], key: Buffer): HostKeyStatus;
}

/** Signature algorithms of the key types that we take. RSA keys sign with SHA-2 only. */
const signaturesOf: ReadonlyMap<string, readonly ServerHostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]);

function hashedName(pattern: string): (name: string) => boolean {
  const [, , salt = '', digest = ''] = pattern.split('|');
  const expected = Buffer.from(digest, 'base64');
  return (name) => {
    const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  };
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'i');
}

function nameMatcher(list: string): (name: string) => boolean {
  if (list.startsWith('|1|')) return hashedName(list);
  const patterns = list.split(',').map((text) => ({ negated: text.startsWith('!'), pattern: wildcard(text.replace(/^!/, '')) }));
  return (name) => {
    const hits = patterns.filter((one) => one.pattern.test(name));
    return hits.length > 0 && !hits.some((one) => one.negated);
  };
}

function parseLine(line: string): KnownKey | null {
  const words = line.trim().split(/\s+/);
  const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
  const [names, type, key] = words;
  if (names === undefined || names.startsWith('#') || type === undefined || key === undefined) return null;
  // A marker of another kind would change the meaning of the line in a way we do not know.
  if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return null;
  const meaning = marker === '@revoked' ? 'revoked' : marker === undefined ? null : 'authority';
  return { matches: nameMatcher(names), marker: meaning, type, key: Buffer.from(key, 'base64') };
}

/** Reads OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Lines that are not understood trust nobody. */
export function parseKnownHosts(text: string): KnownHosts {
  const keys = text.split('\n').map(parseLine).filter((one) => one !== null);
  const of = (names: readonly string[]) => keys.filter((one) => names.some((name) => one.matches(name.toLowerCase())));
  return {
    algorithms: (names) => [...new Set(of(names).filter((one) => one.marker === null).flatMap((one) => signaturesOf.get(one.type) ?? []))],
    check(names, key) {
      const found = of(names);
      const same = found.filter((one) => one.key.equals(key));
      if (same.some((one) => one.marker === 'revoked')) return 'revoked';
      if (same.some((one) => one.marker === null)) return 'known';
      if (found.some((one) => one.marker === null)) return 'changed';
      return found.some((one) => one.marker === 'authority') ? 'authority' : 'unknown';
    },
  };
}

/** How known_hosts writes a host: a port other than 22 is part of the name. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The fingerprint that `ssh-keygen -l` prints. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/={1,2}$/, '')}`;
}
