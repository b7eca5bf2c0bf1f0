import { steps } from '../model/steps.ts';
import { consideredBy, type Rule } from '../model/rule.ts';
import { possibleCauses, possibleEffects } from '../rules/lib/check-rules.ts';

/** How ids are written: as links in a page, as words in a terminal. */
export interface IdStyle {
  readonly rule: (id: string) => string;
  readonly fix: (id: string) => string;
  readonly fact: (key: string) => string;
}

export const plainIds: IdStyle = { rule: (id) => id, fix: (id) => id, fact: (key) => key };

/** Returns all that is declared of a cause, as Markdown: meaning, messages, facts, what to do, cause and effect. */
export function causePage(rule: Rule, rules: readonly Rule[], ids: IdStyle): string {
  const { id, description, step, messages, sharedBy } = rule;
  return `${[
    `# ${id}`,
    description,
    `Step: ${steps.find((one) => one.id === step)?.title ?? step}.`,
    ...(sharedBy ? [concerns[sharedBy]] : []),
    '## Messages',
    bullets(Object.values(messages).map(({ title, detail }) => `**${title}**\n  ${detail}`)),
    '## Proof',
    'The rule judges these facts:',
    bullets([...rule.requires.map(ids.fact), ...consideredBy(rule).map((key) => `${ids.fact(key)} (if available)`)]),
    'Without a required fact, the rule is inconclusive.',
    '## What to do',
    ...toDo(rule, ids),
    '## Cause and effect',
    bullets([
      `Can be a consequence of: ${names(possibleCauses(rule, rules), ids)}`,
      `Can cause: ${names(possibleEffects(rule, rules), ids)}`,
    ]),
  ].join('\n\n')}\n`;
}

const concerns = {
  node: 'It concerns every pod of its node: the verdict names some.',
  'both-nodes': 'It concerns packets between all pods of both nodes: the verdict names some.',
} as const;

function toDo({ fix, advice, adviceOnly }: Rule, ids: IdStyle): readonly string[] {
  return [
    ...(fix ? [`Fix with a button: ${ids.fix(fix)}. The bot offers it only if its conditions hold.`] : []),
    ...(adviceOnly === undefined ? [] : [`The bot gives advice and no button. ${adviceOnly}`]),
    ...(advice ? [`By ${advice.who}:`, ['```sh', ...advice.commands, '```'].join('\n')] : []),
  ];
}

function names(rules: readonly Rule[], ids: IdStyle): string {
  return rules.length === 0 ? 'none' : rules.map(({ id }) => ids.rule(id)).join(', ');
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
