import { kubectlCommand } from '../calico/kubectl-commands.ts';
import { v1Command } from '../calico/v1-commands.ts';
import type { AddressFamily } from '../model/addresses.ts';
import type { DatastoreKind } from '../model/datastore-kind.ts';
import type { Evidence } from '../model/evidence.ts';
import { commandOfFamily } from '../model/ipv6-commands.ts';
import { placeBehind, shellWord } from '../model/shell-words.ts';
import type { Message, AnyFinding, Rule } from '../model/rule.ts';
import type { FoundFinding } from '../model/verdict.ts';

interface Told {
  readonly rule: Rule;
  readonly finding: AnyFinding;
  /** What explains it, where that is known. */
  readonly cause?: { readonly rule: Rule; readonly finding: AnyFinding } | null;
}

/**
 * Returns a finding in words: the rule's message with the finding's data filled in.
 * @param home where Calico keeps its objects: advice names the client that reads them
 * @param family of the judged packets: advice names the commands that show what they meet
 */
export function toFinding(
  { rule, finding, cause }: Told,
  home: DatastoreKind = { kind: null },
  family: AddressFamily = 4,
): FoundFinding {
  const message = rule.messages[finding.message] as Message;
  const advice = finding.advice ?? rule.advice ?? null;
  const detail = fill(message.detail, finding.data);
  const noFix = finding.noFix ?? (rule.fix && finding.fixInput && cause ? uselessBehind(rule, cause) : null);
  return {
    rule: rule.id,
    node: finding.node,
    subject: finding.subject,
    title: fill(message.title, finding.data),
    detail: noFix ? `${detail} No button: ${noFix}.` : detail,
    proof: finding.proof,
    evidence: finding.evidence.map(shorten),
    fix: rule.fix && !noFix && finding.fixInput ? { id: rule.fix, plan: null, input: finding.fixInput } : null,
    advice: advice && {
      who: fill(advice.who, finding.data),
      commands: advice.commands
        .map((command) => fillCommand(command, finding.data))
        .map((command) => commandOfFamily(clientCommand(command, home), family)),
    },
  };
}

/** Why the fix of a rule cannot help before its cause is fixed; null: it can. */
function uselessBehind({ fixNeeds = [] }: Rule, { rule, finding }: NonNullable<Told['cause']>): string | null {
  if (!finding.withholds?.some(({ kind }) => fixNeeds.includes(kind))) return null;
  const { title } = rule.messages[finding.message] as Message;
  return `it cannot help before this is fixed: ${fill(title, finding.data)}`;
}

function clientCommand(command: string, home: DatastoreKind): string {
  if (home.kind === 'kubernetes') return kubectlCommand(command, home.api);
  return home.isOfVersion2 ? v1Command(command) : command;
}

/** Does an advice use a client that depends on where Calico keeps its objects? */
export function namesClient({ rule, finding }: { readonly rule: Rule; readonly finding: AnyFinding }): boolean {
  const { commands = [] } = finding.advice ?? rule.advice ?? {};
  return commands.some((command) => command.includes('calicoctl'));
}

const shownLines = 20;
function shorten(evidence: Evidence): Evidence {
  const lines = evidence.excerpt.split('\n');
  if (lines.length <= shownLines) return evidence;
  return {
    ...evidence,
    excerpt: [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines`].join('\n'),
  };
}

/**
 * Fills in placeholders. If a value ends with a full stop, as some reasons do, no second one follows.
 * @throws Error when a placeholder has no value: a rule's messages and data must agree.
 */
export function fill(template: string, data: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-zA-Z]+)\}(\.(?=\s|$))?/g, (_, name: string, stop = '') => {
    const value = valueOf(name, template, data);
    return value.endsWith('.') ? value : `${value}${stop}`;
  });
}

/** Values that are commands, or parts of some: who makes them writes them with `shellCommand`. */
const commandParts = new Set(['show', 'delete', 'edit', 'entry', 'keep', 'remove', 'enter', 'ending', 'iif']);

/**
 * Fills in the placeholders of a command that a person may paste. A value is one word to the shell, whatever it holds.
 * @throws Error when a placeholder has no value
 */
export function fillCommand(template: string, data: Readonly<Record<string, string>>): string {
  let filled = '';
  let end = 0;
  for (const { 0: all, 1: name = '', index } of template.matchAll(/\{([a-zA-Z]+)\}/g)) {
    filled += template.slice(end, index);
    end = index + all.length;
    const value = valueOf(name, template, data);
    filled += commandParts.has(name) ? value : shellWord(value, placeBehind(filled));
  }
  return filled + template.slice(end);
}

function valueOf(name: string, template: string, data: Readonly<Record<string, string>>): string {
  const value = data[name];
  if (value === undefined) throw new Error(`no value for {${name}} in "${template}"`);
  return value;
}
