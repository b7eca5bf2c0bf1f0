import { isObject, member, single, textOf, type Json } from './json.ts';

/** Renders an nft rule's expressions as one line, close to nft's own words; for people, and to compare a rule with itself. */
export function printNftRule(expressions: readonly Json[], comment: string | null): string {
  const parts = expressions.filter((expression) => single(expression)?.[0] !== 'counter').map(printNft);
  return [...parts, ...(comment === null ? [] : [`comment ${JSON.stringify(comment)}`])].join(' ');
}

export function printNft(value: Json): string {
  if (Array.isArray(value)) return value.map(printNft).join(',');
  if (!isObject(value)) return value === null ? '' : String(value);
  const [name, body] = single(value) ?? ['', null];
  switch (name) {
    case 'match': {
      const op = textOf(member(body, 'op')) ?? '';
      return [member(body, 'left'), op === '==' || op === 'in' ? null : op, member(body, 'right')].filter((part) => part !== null && part !== undefined).map(printNft).join(' ');
    }
    case 'meta':
      return ['iifname', 'oifname', 'iif', 'oif'].includes(textOf(member(body, 'key')) ?? '') ? printNft(member(body, 'key') ?? '') : `meta ${printNft(member(body, 'key') ?? '')}`;
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
      return Array.isArray(body) ? `{ ${body.map(printNft).join(', ')} }` : `set ${JSON.stringify(body)}`;
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
      return Array.isArray(body) ? body.map((part) => (typeof part === 'number' ? `0x${part.toString(16)}` : printNft(part))).join(` ${name} `) : '';
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

function flagList(flags: Json | undefined, separator: string): string {
  return Array.isArray(flags) ? flags.map(printNft).join(separator) : printNft(flags ?? '');
}
