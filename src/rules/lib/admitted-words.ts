import { policyRuleWords } from '../../calico/policy-rule-words.ts';
import type { CalicoPolicy, CalicoRule } from '../../model/calico.ts';

/** How many rules are told, and how much of one. */
const most = { rules: 3, characters: 90 } as const;

/**
 * Returns what policies admit, for people: `pods with app == 'client' on 8080/tcp`; `nothing` where no rule allows.
 * @param policies all that decide together
 */
export function admittedWords(policies: readonly CalicoPolicy[], direction: 'ingress' | 'egress'): string {
  const allowed = policies
    .flatMap(({ spec }) => spec[direction] ?? [])
    .filter(({ action }) => action.toLowerCase() === 'allow')
    .map((rule) => ruleWords(rule, direction));
  const distinct = [...new Set(allowed)];
  if (distinct.length === 0) return 'nothing';
  const beyond = distinct.length - most.rules;
  return [...distinct.slice(0, most.rules), ...(beyond > 0 ? [`${beyond} more`] : [])].join('; ');
}

function ruleWords(rule: CalicoRule, direction: 'ingress' | 'egress'): string {
  const words = policyRuleWords(rule, direction);
  return words.length <= most.characters ? words : `${words.slice(0, most.characters - 1).toWellFormed()}…`;
}
