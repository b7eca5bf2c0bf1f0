import { ProgramError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { quoted } from '../model/target-grammar.ts';
import type { Rule } from '../model/rule.ts';
import { possibleCauses } from '../rules/lib/check-rules.ts';
import { rules } from '../rules/registry.ts';
import { exitCode, type Surroundings } from './output.ts';

/**
 * `calico-chatops explain [RULE]`.
 * @throws ProgramError `unknown-rule`
 */
export async function explainCommand(id: string | null, { out }: Pick<Surroundings, 'out'>): Promise<number> {
  if (id === null) {
    out(rules.map((rule) => `${rule.id}\n    ${rule.description}\n`).join(''));
    return exitCode.done;
  }
  const rule = rules.find((one) => one.id === id);
  if (!rule) {
    const meant = nearest(id, rules.map((one) => one.id));
    throw new ProgramError('unknown-rule', `unknown rule ${quoted(id)}${meant ? `: did you mean ${meant}?` : ''}`);
  }
  out(explanation(rule));
  return exitCode.done;
}

function explanation(rule: Rule): string {
  return [
    rule.id,
    `  ${rule.description}`,
    ...list('Messages', Object.values(rule.messages).flatMap(({ title, detail }) => [`${title}. ${detail}`])),
    ...list('Facts it needs', [...rule.requires, ...(rule.considers ?? []).map((key) => `${key} (if available)`)]),
    ...list('Can be a consequence of', possibleCauses(rule, rules).map((cause) => cause.id)),
    ...list('Fix with a button', rule.fix ? [rule.fix] : []),
    ...list(`To do, by ${rule.advice?.who ?? ''}`, rule.advice?.commands ?? []),
    '',
  ].join('\n');
}

function list(title: string, items: readonly string[]): readonly string[] {
  return items.length === 0 ? [] : ['', title, ...items.map((item) => `  ${item}`)];
}
