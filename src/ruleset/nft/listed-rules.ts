import type { Match } from '../../model/ruleset/matches.ts';
import type { Action, Counters, FilterRule } from '../../model/ruleset/rules.ts';
import { isDeeper, isObject, member, numberOf, single, textOf, type Json } from './json.ts';
import type { PrintedRules } from '../chains/lazy-chain.ts';
import { printNftRule } from './print.ts';
import { nftStatement, type FindMap } from './statements.ts';

/** Expressions nested deeper than nft nests any are not followed. */
const maxDepth = 60;

/** The rules of one chain in nft's JSON, each interpreted on first use. */
export class ListedRules implements PrintedRules {
  readonly #rules: readonly Json[];
  readonly #findMap: FindMap;

  constructor(rules: readonly Json[], findMap: FindMap) {
    this.#rules = rules;
    this.#findMap = findMap;
  }

  get size(): number {
    return this.#rules.length;
  }

  read(at: number): FilterRule {
    return ruleOf(this.#rule(at), at + 1, this.#findMap);
  }

  printed(at: number): string {
    const rule = this.#rule(at);
    return isDeeper(rule, maxDepth) ? tooDeep : JSON.stringify(rule);
  }

  identity(at: number): string {
    const rule = this.#rule(at);
    const comment = textOf(member(rule, 'comment'));
    const text = isDeeper(rule, maxDepth) ? tooDeep : printNftRule(expressionsOf(rule), comment);
    return `${this.handle(at)} ${text}`;
  }

  /** Returns the kernel's number of the rule, which no later rule gets; empty: none is printed. */
  handle(at: number): string {
    return String(numberOf(member(this.#rule(at), 'handle')) ?? '');
  }

  counters(at: number): Counters | null {
    return countersIn(expressionsOf(this.#rule(at)));
  }

  leading(): readonly Match[] {
    return [];
  }

  /** Printing the whole list again would cost as much as comparing rule by rule. */
  whole(): null {
    return null;
  }

  /** Does the rule hold what only iptables can print: matches or targets of its own modules? */
  usesExtensions(at: number): boolean {
    return expressionsOf(this.#rule(at)).some((expression) => single(expression)?.[0] === 'xt');
  }

  /** Does any of the rules ask a set or map by its name? */
  asksNamedSets(): boolean {
    return this.#rules.some((rule) => /"@/.test(isDeeper(rule, maxDepth) ? '' : JSON.stringify(rule)));
  }

  #rule(at: number): Json {
    return this.#rules[at] ?? null;
  }
}

const tooDeep = '(nested too deep)';

function expressionsOf(rule: Json): readonly Json[] {
  const listed = member(rule, 'expr');
  return Array.isArray(listed) ? listed : [];
}

function ruleOf(rule: Json, index: number, findMap: FindMap): FilterRule {
  const expressions = expressionsOf(rule);
  const comment = textOf(member(rule, 'comment'));
  const head = {
    index,
    counters: countersIn(expressions),
    comments:
      comment === null
        ? []
        : comment
            .split(';')
            .map((part) => part.trim())
            .filter((part) => part !== ''),
    tag: /(?:^|\s)cali:([\w-]{16})(?:;|$)/.exec(comment ?? '')?.[1] ?? null,
    handle: numberOf(member(rule, 'handle')),
  };
  if (isDeeper(rule, maxDepth)) {
    const why = 'the expressions are nested deeper than nft nests any';
    return {
      ...head,
      text: tooDeep,
      matches: [{ kind: 'unknown', negated: false, text: tooDeep, why }],
      actions: [{ kind: 'unknown', text: tooDeep, why }],
    };
  }
  const matches: Match[] = [];
  const actions: Action[] = [];
  for (const expression of expressions) {
    const [name, body] = single(expression) ?? [textOf(expression) ?? '', null];
    const statement = nftStatement(name, body, findMap);
    if (statement === null) continue;
    if ('action' in statement) actions.push(statement.action);
    else if (actions.some(({ kind }) => kind !== 'log' && kind !== 'harmless'))
      matches.push({
        kind: 'unknown',
        negated: false,
        text: name,
        why: 'the rule asks again after it has changed something',
      });
    else for (const match of statement.matches) matches.push(match);
  }
  return { ...head, text: printNftRule(expressions, comment), matches, actions };
}

/** A rule's counter; it may also be named, and is then printed without its numbers. */
function countersIn(expressions: readonly Json[]): Counters | null {
  let found: Counters | null = null;
  for (const expression of expressions) {
    const body = member(expression, 'counter');
    const packets = isObject(body) ? numberOf(member(body, 'packets')) : null;
    if (packets !== null) found = { packets, bytes: numberOf(member(body, 'bytes')) ?? 0 };
  }
  return found;
}
