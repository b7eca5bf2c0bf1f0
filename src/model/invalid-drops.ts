import type { RuleRef } from './ruleset/walk.ts';

/** A rule that drops what connection tracking calls invalid, and that rose while test packets were lost. */
export interface InvalidDrop {
  readonly node: string;
  readonly rule: RuleRef;
  /** By how many packets it rose. */
  readonly packets: number;
}
