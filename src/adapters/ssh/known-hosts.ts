import type { ServerHostKeyAlgorithm } from 'ssh2';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** A line of a known_hosts file that we understand. */
interface KnownKey {
  /** `negated`: the line names the host behind an exclamation mark, and so is not about it whatever else it says. */
  readonly matches: (name: string) => 'yes' | 'no' | 'negated';
  /** Names in it that are written out, in lower case: not hashed, without wildcards. */
  readonly names: readonly string[];
  readonly marker: 'revoked' | 'authority' | null;
  readonly type: string;
  readonly key: Buffer;
}

/** A node as known_hosts writes it. */
interface KnownHost {
  readonly name: string;
  readonly address: string;
}

/**
 * `known`: a line holds this key for the name; or for the address, where no line knows the name. `changed`: lines hold
 * only other keys. `of-another-name`: the address or the key is on file, but as another host's. `authority`: only a
 * certificate authority is there, which is not supported.
 */
export type HostKeyStatus = 'known' | 'unknown' | 'changed' | 'revoked' | 'authority' | 'of-another-name';

export interface KnownHosts {
  /** How many lines hold a key. */
  readonly size: number;
  /**
   * Returns the host key algorithms of the keys on file for this host, for the handshake to ask for; empty: none on
   * file.
   */
  algorithms(host: KnownHost): ServerHostKeyAlgorithm[];
  /** @param key the raw public key as sent by the server */
  check(host: KnownHost, key: Buffer): HostKeyStatus;
}

/** Signature algorithms of the key types that we take. RSA keys sign with SHA-2 only. */
const signaturesOf: ReadonlyMap<string, readonly ServerHostKeyAlgorithm[]> = new Map([
  ['ssh-ed25519', ['ssh-ed25519']],
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
]);

function hashedName(pattern: string): KnownKey['matches'] {
  const [, , salt = '', digest = ''] = pattern.split('|');
  const expected = Buffer.from(digest, 'base64');
  return (name) => {
    const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
    return actual.length === expected.length && timingSafeEqual(actual, expected) ? 'yes' : 'no';
  };
}

/**
 * Whether a name fits a pattern with `*` and `?`. Only the last star is ever tried again, so the steps grow with the
 * product of both lengths at most.
 */
export function fitsPattern(pattern: string, name: string): boolean {
  let [at, from, star, retry] = [0, 0, -1, 0];
  while (from < name.length) {
    if (pattern[at] === '*') {
      star = at;
      retry = from;
      at += 1;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === name[from])) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      retry += 1;
      at = star + 1;
      from = retry;
    } else return false;
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}

function nameMatcher(list: string): Pick<KnownKey, 'matches' | 'names'> {
  if (list.startsWith('|1|')) return { matches: hashedName(list), names: [] };
  const patterns = list
    .toLowerCase()
    .split(',')
    .map((text) => ({ negated: text.startsWith('!'), pattern: text.replace(/^!/, '') }));
  return {
    names: patterns.filter(({ negated, pattern }) => !negated && !/[*?]/.test(pattern)).map(({ pattern }) => pattern),
    matches: (name) => {
      const hits = patterns.filter(({ pattern }) => fitsPattern(pattern, name));
      if (hits.some(({ negated }) => negated)) return 'negated';
      return hits.length > 0 ? 'yes' : 'no';
    },
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
  return { ...nameMatcher(names), marker: meaning, type, key: Buffer.from(key, 'base64') };
}

/** Reads OpenSSH's known_hosts (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Lines that are not understood trust nobody. */
export function parseKnownHosts(text: string): KnownHosts {
  const keys = text
    .split('\n')
    .map(parseLine)
    .filter((one) => one !== null);
  const plain = keys.filter(({ marker }) => marker === null);
  /** The lines that decide, and whether they know the name. */
  const deciding = ({ name, address }: KnownHost) => {
    const notNegated = keys.filter(({ matches }) => matches(name) !== 'negated' && matches(address) !== 'negated');
    const ofName = notNegated.filter(({ marker, matches }) => marker === null && matches(name) === 'yes');
    if (ofName.length > 0) return { byName: true, lines: ofName };
    return {
      byName: false,
      lines: notNegated.filter(
        ({ marker, matches }) => marker !== 'revoked' && (matches(address) === 'yes' || matches(name) === 'yes'),
      ),
    };
  };
  return {
    size: keys.length,
    algorithms: (host) => [
      ...new Set(
        deciding(lowerCase(host))
          .lines.filter(({ marker }) => marker === null)
          .flatMap(({ type }) => signaturesOf.get(type) ?? []),
      ),
    ],
    check(given, key) {
      const host = lowerCase(given);
      const revoked = keys.some(
        (one) =>
          one.marker === 'revoked' &&
          one.key.equals(key) &&
          [host.name, host.address].some((name) => one.matches(name) === 'yes'),
      );
      if (revoked) return 'revoked';
      const { byName, lines } = deciding(host);
      const vouching = lines.filter((one) => one.marker === null && one.key.equals(key));
      if (vouching.length > 0) return byName || !isAnothers(host, key, plain) ? 'known' : 'of-another-name';
      if (lines.some(({ marker }) => marker === null)) return 'changed';
      return lines.length > 0 ? 'authority' : 'unknown';
    },
  };
}

/** Whether a line gives this address, or this key, to a host of another name: the node then only claims the address. */
function isAnothers(host: KnownHost, key: Buffer, plain: readonly KnownKey[]): boolean {
  return plain.some(
    (line) =>
      (line.matches(host.address) === 'yes' || line.key.equals(key)) &&
      line.names.some((name) => !isAddress(name) && !sameHost(name, host.name)),
  );
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[(.*)\]:\d+$/, '$1')) !== 0;
}

/** A node may be called by its short name in one place and with its domain in the other. */
function sameHost(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.replace(/^\[(.*)\]:\d+$/, '$1'));
  return a === b || a?.startsWith(`${b}.`) === true || b?.startsWith(`${a}.`) === true;
}

function lowerCase({ name, address }: KnownHost): KnownHost {
  return { name: name.toLowerCase(), address: address.toLowerCase() };
}

/** How known_hosts writes a host: a port other than 22 is part of the name. */
export function knownHostsName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** The fingerprint that `ssh-keygen -l` prints. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256')
    .update(key)
    .digest('base64')
    .replace(/={1,2}$/, '')}`;
}
