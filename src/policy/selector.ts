/** Calico's label selectors (libcalico-go/lib/selector): read into a tree, and asked of the labels of an endpoint. */
import { all, any, not, type Answer } from './answer.ts';
import { selectorTokens, type SelectorToken } from './selector-tokens.ts';

export type Selector =
  | { readonly kind: 'all' | 'global' }
  | { readonly kind: 'has'; readonly label: string }
  | {
      readonly kind: '==' | '!=' | 'contains' | 'starts with' | 'ends with';
      readonly label: string;
      readonly value: string;
    }
  | { readonly kind: 'in' | 'not in'; readonly label: string; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: '&&' | '||'; readonly of: readonly Selector[] };

/** The value of a label; null: certainly not there. */
export type Labels = (label: string) => string | null | { readonly unknown: string };

/** Deeper brackets and longer rows of `!` are refused: nobody writes them. */
const maxDepth = 200;

/** @returns null where the text is not a selector. An empty one selects everything. */
export function parseSelector(text: string): Selector | null {
  const tokens = selectorTokens(text);
  if (!tokens) return null;
  if (tokens.length === 0) return { kind: 'all' };
  const reader = new Reader(tokens);
  const found = reader.junction('||', 0);
  return found && reader.isAtEnd() ? found : null;
}

export function selects(selector: Selector, labels: Labels): Answer {
  switch (selector.kind) {
    case 'all':
    case 'global':
      return true;
    case 'not':
      return not(selects(selector.of, labels));
    case '&&':
      return all(selector.of.map((one) => selects(one, labels)));
    case '||':
      return any(selector.of.map((one) => selects(one, labels)));
    default: {
      const value = labels(selector.label);
      return typeof value === 'object' && value !== null ? value : valueFits(selector, value);
    }
  }
}

type Predicate = Exclude<Selector, { readonly kind: 'all' | 'global' | 'not' | '&&' | '||' }>;

/** Without the label, only negative conditions hold. */
function valueFits(predicate: Predicate, value: string | null): boolean {
  switch (predicate.kind) {
    case 'has':
      return value !== null;
    case '==':
      return value === predicate.value;
    case '!=':
      return value !== predicate.value;
    case 'contains':
      return value?.includes(predicate.value) ?? false;
    case 'starts with':
      return value?.startsWith(predicate.value) ?? false;
    case 'ends with':
      return value?.endsWith(predicate.value) ?? false;
    case 'in':
      return value !== null && predicate.values.includes(value);
    default:
      return value === null || !predicate.values.includes(value);
  }
}

/**
 * Returns the selector with other labels: a pod has the labels of its namespace as `pcns.LABEL`, and those of its
 * account as `pcsa.LABEL`.
 */
export function prefixed(
  selector: Selector,
  prefix: string,
  instead: { readonly all: Selector; readonly global: Selector },
): Selector {
  switch (selector.kind) {
    case 'all':
      return instead.all;
    case 'global':
      return instead.global;
    case 'not':
      return { kind: 'not', of: prefixed(selector.of, prefix, instead) };
    case '&&':
    case '||':
      return { kind: selector.kind, of: selector.of.map((one) => prefixed(one, prefix, instead)) };
    default:
      return { ...selector, label: prefix + selector.label };
  }
}

class Reader {
  readonly #tokens: readonly SelectorToken[];
  #at = 0;
  constructor(tokens: readonly SelectorToken[]) {
    this.#tokens = tokens;
  }

  isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  junction(sign: '||' | '&&', depth: number): Selector | null {
    const operands: Selector[] = [];
    do {
      const operand = sign === '||' ? this.junction('&&', depth) : this.#operation(depth);
      if (!operand) return null;
      operands.push(operand);
    } while (this.#accept(sign));
    const [only] = operands;
    return operands.length === 1 ? (only ?? null) : { kind: sign, of: operands };
  }

  #operation(depth: number): Selector | null {
    if (depth > maxDepth) return null;
    let isNegated = false;
    while (this.#accept('!')) isNegated = !isNegated;
    const operand = this.#primary(depth);
    return operand && isNegated ? { kind: 'not', of: operand } : operand;
  }

  #primary(depth: number): Selector | null {
    const token = this.#take();
    if (token?.kind === 'sign' && token.text === '(') {
      const inner = this.junction('||', depth + 1);
      return inner && this.#accept(')') ? inner : null;
    }
    if (token?.kind === 'function')
      return token.label === undefined
        ? { kind: token.text === 'all' ? 'all' : 'global' }
        : { kind: 'has', label: token.label };
    return token?.kind === 'label' ? this.#predicate(token.text) : null;
  }

  #predicate(label: string): Selector | null {
    const operator = this.#take()?.text;
    if (operator === 'in' || operator === 'not in') {
      const values = this.#set();
      return values && { kind: operator, label, values };
    }
    if (
      operator !== '==' &&
      operator !== '!=' &&
      operator !== 'contains' &&
      operator !== 'starts with' &&
      operator !== 'ends with'
    )
      return null;
    const value = this.#take();
    return value?.kind === 'string' ? { kind: operator, label, value: value.text } : null;
  }

  /** A comma may end the list. */
  #set(): readonly string[] | null {
    if (!this.#accept('{')) return null;
    const values: string[] = [];
    while (this.#tokens[this.#at]?.kind === 'string') {
      values.push(this.#take()?.text ?? '');
      if (!this.#accept(',')) break;
    }
    return this.#accept('}') ? values : null;
  }

  #take(): SelectorToken | undefined {
    const token = this.#tokens[this.#at];
    this.#at += token ? 1 : 0;
    return token;
  }

  #accept(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }
}
