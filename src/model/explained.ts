/** What `explain` says of a rule. */
export type Explained =
  | {
      readonly known: true;
      readonly id: string;
      readonly description: string;
      /** Sentences that findings of it begin with; what is in angle brackets is filled in. */
      readonly titles: readonly string[];
      readonly who: string | null;
      readonly commands: readonly string[];
      /** The fix that a button may apply; null: none. */
      readonly fix: string | null;
    }
  /** `near`: what may have been meant. */
  | { readonly known: false; readonly near: readonly string[] };
