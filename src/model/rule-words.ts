import type { PlacedRule } from './ruleset/places.ts';

/** `rule 3 of filter FORWARD`, `policy of filter FORWARD`, or the words of Felix's dump of a program, for people. */
export function ruleWords(rule: PlacedRule): string {
  if (rule.backend === 'ebpf') return `"${rule.text}" of the eBPF program of ${rule.table} (${rule.chain})`;
  return rule.index === 0
    ? `policy of ${rule.table} ${rule.chain}`
    : `rule ${rule.index} of ${rule.table} ${rule.chain}`;
}
