/** Whether Felix wrote a chain as it stands. Plain and safe to print as JSON. */

/** `unverified`: an edit earlier in the chain makes it impossible to say. */
export type TagState = 'genuine' | 'edited' | 'foreign' | 'unverified';

export interface ChainAuthenticity {
  readonly table: string;
  readonly chain: string;
  readonly state: 'genuine' | 'edited' | 'foreign' | 'unverified';
  /** One a rule, in order. */
  readonly rules: readonly TagState[];
  readonly why: string | null;
}
