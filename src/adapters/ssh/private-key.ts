/** What can be said of a private key without using it. Source: PROTOCOL.key of OpenSSH, RFC 1421, RFC 5958. */

/** Returns why the text of a file does not serve as a private key, as the end of a sentence about the file; or null. */
export function privateKeyProblem(text: string): string | null {
  const content = text.trim();
  if (content === '') return 'is empty';
  if (/^(?:ssh-|ecdsa-|sk-)|^-----BEGIN (?:RSA )?PUBLIC KEY|^---- BEGIN SSH2 PUBLIC KEY/.test(content))
    return 'holds a public key, and the private one is needed: its file has the same name without .pub';
  if (/BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: 4,ENCRYPTED/m.test(content)) return withPassphrase;
  const openssh = /-----BEGIN OPENSSH PRIVATE KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(content)?.[1];
  if (openssh !== undefined) return opensshProblem(Buffer.from(openssh, 'base64'));
  return /-----BEGIN (?:RSA |EC |DSA )?PRIVATE KEY-----/.test(content) ? null : 'does not hold a private key';
}

const withPassphrase = 'is protected by a passphrase, which nobody can type at night: make a key without one';
const magic = 'openssh-key-v1\0';

/** The format begins with its magic, then the name of the cipher as a string with its length. */
function opensshProblem(bytes: Buffer): string | null {
  const at = magic.length;
  if (bytes.length < at + 4 || bytes.toString('latin1', 0, at) !== magic) return 'does not hold a whole private key';
  const cipher = bytes.toString('latin1', at + 4, at + 4 + bytes.readUInt32BE(at));
  return cipher === 'none' ? null : withPassphrase;
}
