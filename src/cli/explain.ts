import { ProgramError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { quoted } from '../model/target-grammar.ts';
import { rules } from '../rules/registry.ts';
import { causePage, plainIds } from './cause-page.ts';
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
    const meant = nearest(
      id,
      rules.map((one) => one.id),
    );
    throw new ProgramError('unknown-rule', `unknown rule ${quoted(id)}${meant ? `: did you mean ${meant}?` : ''}`);
  }
  out(causePage(rule, rules, plainIds));
  return exitCode.done;
}
