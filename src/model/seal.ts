/**
 * Seals: keyed signatures (HMAC-SHA256) over data that the program keeps where others may write. A program
 * that has the key can make them; one that can only write to the store cannot.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** What a seal is for. Each purpose has a key of its own, so that a seal of one never holds for another. */
type SealPurpose =
  | 'plan'
  | 'told'
  | 'wanted'
  | 'unread'
  | 'applied'
  | 'approval'
  | 'fixes-off'
  | 'audit'
  | 'audit-checkpoint'
  | 'audit-head';

/** `other-key`: the seal names another key than ours, so bot, worker and command line may have different keys. */
export type SealState = 'holds' | 'altered' | 'other-key' | 'other-version' | 'missing';

export interface Seals {
  /** Names the key without telling it: 8 hexadecimal digits. */
  readonly keyId: string;
  /** Returns `VERSION.KEYID.MAC` over the canonical JSON of a value. */
  seal(purpose: SealPurpose, value: unknown): string;
  check(purpose: SealPurpose, value: unknown, seal: string | null): SealState;
}

/** Fewer bytes of key material are refused: they could be guessed. */
export const leastKeyBytes = 32;

const version = 'v1';

/**
 * @param material secret bytes; every purpose's key is derived from them (HKDF-SHA256)
 * @throws RangeError for fewer than `leastKeyBytes`
 */
export function createSeals(material: Uint8Array): Seals {
  if (material.byteLength < leastKeyBytes) throw new RangeError(`a key must have at least ${leastKeyBytes} bytes`);
  const derived = (purpose: SealPurpose | 'key-id', bytes: number) =>
    Buffer.from(hkdfSync('sha256', material, '', `calico-chatops/${purpose}/${version}`, bytes));
  const keyId = derived('key-id', 4).toString('hex');
  const keys = new Map<SealPurpose, Buffer>();
  const keyOf = (purpose: SealPurpose) => {
    const key = keys.get(purpose) ?? derived(purpose, 32);
    keys.set(purpose, key);
    return key;
  };
  const macOf = (purpose: SealPurpose, value: unknown) =>
    createHmac('sha256', keyOf(purpose)).update(canonicalJson(value)).digest();
  return {
    keyId,
    seal: (purpose, value) => `${version}.${keyId}.${macOf(purpose, value).toString('base64url')}`,
    check(purpose, value, seal) {
      if (seal === null || seal === '') return 'missing';
      const [named, key, mac = ''] = seal.split('.');
      if (named !== version) return 'other-version';
      if (key !== keyId) return 'other-key';
      const [given, right] = [Buffer.from(mac, 'base64url'), macOf(purpose, value)];
      return given.byteLength === right.byteLength && timingSafeEqual(given, right) ? 'holds' : 'altered';
    },
  };
}

/** Returns what a seal that does not hold says about what it should protect, as the end of a sentence. */
export function sealProblem(state: Exclude<SealState, 'holds'>, seal: string | null, { keyId }: Seals): string {
  if (state === 'missing') return 'is not signed';
  if (state === 'altered') return 'was changed after it was signed';
  if (state === 'other-version') return 'was signed by another version of this program';
  const other = seal?.split('.')[1]?.slice(0, 16) ?? '';
  return (
    `is signed with another key (${other}, mine is ${keyId}): give bot, worker and command line the same ` +
    'APPROVAL_KEY_FILE'
  );
}
