/** A right of the account itself at the API server. */
export interface RightQuestion {
  readonly verb: string;
  /** Empty: the core group. */
  readonly group: string;
  /** In the plural, as paths have it. */
  readonly resource: string;
  readonly subresource?: string;
  /** Not given: everywhere, or an object that is in no namespace. */
  readonly namespace?: string;
  /** Not given: objects of every name. */
  readonly name?: string;
}
