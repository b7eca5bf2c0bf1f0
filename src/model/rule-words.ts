import type { RuleRef } from './ruleset/walk.ts';

/** `rule 3 of filter FORWARD`, or `policy of filter FORWARD`, for people. */
export function ruleWords(rule: RuleRef): string {
  return rule.index === 0
    ? `policy of ${rule.table} ${rule.chain}`
    : `rule ${rule.index} of ${rule.table} ${rule.chain}`;
}
