import { isObject, member, single, textOf, type Json } from './json.ts';

/**
 * Renders an nft rule's expressions as one line, close to nft's own words and without a counter's numbers, for people
 * and for comparisons.
 */
export function printNftRule(expressions: readonly Json[], comment: string | null): string {
  const parts = expressions.map((expression) =>
    single(expression)?.[0] === 'counter' ? 'counter' : printNft(expression),
  );
  return [...parts, ...(comment === null ? [] : [`comment ${JSON.stringify(comment)}`])].join(' ');
}

export function printNft(value: Json): string {
  if (Array.isArray(value)) return value.map(printNft).join(',');
  if (!isObject(value)) return value === null ? '' : String(value);
  const [name, body] = single(value) ?? ['', null];
  switch (name) {
    case 'match': {
      const op = textOf(member(body, 'op')) ?? '';
      const left = member(body, 'left') ?? '';
      const bits = ['&', '|', '^'].includes(single(left)?.[0] ?? '');
      const right = member(body, 'right') ?? '';
      return [
        printNft(left),
        ...(op === 'in' || (op === '==' && !bits) ? [] : [op]),
        bits ? printBits(right) : printNft(right),
      ].join(' ');
    }
    case 'meta':
      return ['iifname', 'oifname', 'iif', 'oif'].includes(textOf(member(body, 'key')) ?? '')
        ? printNft(member(body, 'key') ?? '')
        : `meta ${printNft(member(body, 'key') ?? '')}`;
    case 'ct':
      return `ct ${printNft(member(body, 'key') ?? '')}`;
    case 'payload':
      return `${printNft(member(body, 'protocol') ?? '')} ${printNft(member(body, 'field') ?? '')}`;
    case 'fib':
      return `fib ${flagList(member(body, 'flags'), ' . ')} ${printNft(member(body, 'result') ?? '')}`;
    case 'prefix':
      return `${printNft(member(body, 'addr') ?? '')}/${printNft(member(body, 'len') ?? '')}`;
    case 'range':
      return Array.isArray(body) ? body.map(printNft).join('-') : '';
    case 'set':
      return Array.isArray(body) ? `{ ${body.map(printElement).join(', ')} }` : `set ${JSON.stringify(body)}`;
    case 'concat':
      return Array.isArray(body) ? body.map(printNft).join(' . ') : '';
    case 'vmap':
      return `${printNft(member(body, 'key') ?? '')} vmap ${printNft(member(body, 'data') ?? '')}`;
    case 'mangle':
      return `${printNft(member(body, 'key') ?? '')} set ${printNft(member(body, 'value') ?? '')}`;
    case 'jump':
    case 'goto':
      return `${name} ${printNft(member(body, 'target') ?? '')}`;
    case '&':
    case '|':
    case '^':
      return Array.isArray(body) ? body.map(printBits).join(` ${name} `) : '';
    case 'reject':
      return isObject(body)
        ? ['reject with', member(body, 'type'), member(body, 'expr')]
            .map((word) => printNft(word ?? ''))
            .join(' ')
            .trim()
        : name;
    case 'dnat':
    case 'snat':
    case 'masquerade':
    case 'redirect':
      return isObject(body) ? printRewriting(name, body) : name;
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
    case 'notrack':
      return name;
    default:
      return body === null ? name : `${name} ${isObject(body) ? JSON.stringify(body) : printNft(body)}`;
  }
}

/** A map's element is a key and its value. */
function printElement(element: Json): string {
  return Array.isArray(element) ? element.map(printNft).join(' : ') : printNft(element);
}

function printRewriting(name: string, body: Json): string {
  const port = member(body, 'port');
  const to = `${printNft(member(body, 'addr') ?? '')}${port === undefined ? '' : `:${printNft(port)}`}`;
  const flags = member(body, 'flags');
  return `${name}${to === '' ? '' : ` to ${to}`}${flags === undefined ? '' : ` ${flagList(flags, ',')}`}`;
}

function printBits(value: Json): string {
  return typeof value === 'number' ? `0x${value.toString(16)}` : printNft(value);
}

function flagList(flags: Json | undefined, separator: string): string {
  return Array.isArray(flags) ? flags.map(printNft).join(separator) : printNft(flags ?? '');
}
