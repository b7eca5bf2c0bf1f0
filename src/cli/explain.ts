import { ProgramError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import { quoted } from '../model/target-grammar.ts';
import type { Rule } from '../model/rule.ts';
import { rules } from '../rules/registry.ts';
import { causePage, plainIds } from './cause-page.ts';
import { exitCode, type Format, type Surroundings } from './output.ts';
import { documentOf } from './plain-output.ts';

/** Of those whose ids hold what was typed. */
const mostMeant = 5;

/**
 * `calico-chatops explain [RULE]`.
 * @throws ProgramError `unknown-rule`
 */
export async function explainCommand(
  id: string | null,
  format: Format,
  { out, told }: Pick<Surroundings, 'out' | 'told'>,
): Promise<number> {
  if (id === null) {
    if (format === 'text') out(rules.map((rule) => `${rule.id}\n    ${rule.description}\n`).join(''));
    else out(documentOf(rules.map(declared), format));
    return exitCode.done;
  }
  const rule = rules.find((one) => one.id === id);
  if (!rule) {
    const ids = rules.map((one) => one.id);
    const near = nearest(id, ids);
    const holding = id.length > 3 ? ids.filter((one) => one.includes(id.toLowerCase())).slice(0, mostMeant) : [];
    const meant = near === null ? holding : [near];
    throw new ProgramError(
      'unknown-rule',
      `unknown rule ${quoted(id)}${meant.length > 0 ? `: did you mean ${meant.join(', ')}?` : ''}`,
    );
  }
  if (format === 'text') told(causePage(rule, rules, plainIds));
  else out(documentOf(declared(rule), format));
  return exitCode.done;
}

function declared({ id, step, description, messages, fix, advice }: Rule): object {
  return { id, step, description, messages, fix: fix ?? null, advice: advice ?? null };
}
