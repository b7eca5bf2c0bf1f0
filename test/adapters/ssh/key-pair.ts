import ssh2 from 'ssh2';

/** A new ed25519 key pair. Of those that ssh2 makes it cannot read some itself: these are left out. */
export function newKeyPair(): { readonly private: string; readonly public: string } {
  for (;;) {
    const keys = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(keys.private) instanceof Error)) return keys;
  }
}
