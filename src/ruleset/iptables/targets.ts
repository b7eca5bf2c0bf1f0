import { own } from '../../model/own.ts';
import type { Action } from '../../model/ruleset/rules.ts';
import type { Option, TokenizedRule } from './rule-tokens.ts';

/**
 * Returns what the rule's target does.
 * @param isChain says whether a name is a chain of the same table
 */
export function actionsOf(target: TokenizedRule['target'], isChain: (name: string) => boolean): Action[] {
  if (!target) return [];
  if (isChain(target.name)) return [{ kind: target.goto ? 'goto' : 'jump', chain: target.name }];
  const reader = own(targets, target.name);
  if (!reader) return [{ kind: 'unknown', text: target.text, why: `the target "${target.name}" is not understood` }];
  return [reader(target.options, target.text)];
}

type Reader = (options: readonly Option[], text: string) => Action;
const harmless: Reader = (_, text) => ({ kind: 'harmless', text });
const log: Reader = (_, text) => ({ kind: 'log', text });
const notFollowed =
  (why: string): Reader =>
  (_, text) => ({ kind: 'unknown', text, why });

const targets: Readonly<Record<string, Reader>> = {
  ACCEPT: () => ({ kind: 'accept' }),
  DROP: () => ({ kind: 'drop' }),
  RETURN: () => ({ kind: 'return' }),
  REJECT: (options) => ({ kind: 'reject', with: argument(options, 'reject-with') }),
  MARK: mark,
  CONNMARK: connmark,
  NOTRACK: () => ({ kind: 'notrack' }),
  CT: (options, text) =>
    options.some(({ name }) => name === 'notrack') ? { kind: 'notrack' } : { kind: 'harmless', text },
  DNAT: (options) => ({ kind: 'dnat', to: argument(options, 'to-destination') }),
  SNAT: (options) => ({ kind: 'snat', to: argument(options, 'to-source') }),
  MASQUERADE: (options) => ({ kind: 'masquerade', to: argument(options, 'to-ports') }),
  REDIRECT: (options) => ({ kind: 'redirect', to: argument(options, 'to-ports') }),
  NETMAP: (options) => ({ kind: 'netmap', to: argument(options, 'to') }),
  LOG: log,
  NFLOG: log,
  ULOG: log,
  NFQUEUE: queue,
  QUEUE: queue,
  TCPMSS: harmless,
  TCPOPTSTRIP: harmless,
  CHECKSUM: harmless,
  CLASSIFY: harmless,
  DSCP: harmless,
  TOS: harmless,
  ECN: harmless,
  TTL: timeToLive,
  HL: harmless,
  TRACE: harmless,
  AUDIT: harmless,
  SECMARK: harmless,
  CONNSECMARK: harmless,
  RATEEST: harmless,
  LED: harmless,
  IDLETIMER: harmless,
  TEE: harmless,
  SET: harmless,
  HMARK: notFollowed('the mark is computed from a hash of the packet'),
  TPROXY: notFollowed('the packet goes to a local proxy'),
  SYNPROXY: notFollowed('the handshake is answered by the node'),
};

function argument(options: readonly Option[], name: string): string | null {
  return options.find((option) => option.name === name)?.args[0] ?? null;
}

/** `--queue-num N` or `--queue-balance FIRST:LAST`; QUEUE is queue 0. */
function queue(options: readonly Option[], text: string): Action {
  const words = argument(options, 'queue-balance') ?? argument(options, 'queue-num') ?? '0';
  const [, first, last = first] = /^(\d{1,5})(?::(\d{1,5}))?$/.exec(words) ?? [];
  const bypass = options.some(({ name }) => name === 'queue-bypass');
  return { kind: 'queue', numbers: first === undefined ? null : [Number(first), Number(last)], bypass, text };
}

function timeToLive(options: readonly Option[], text: string): Action {
  for (const [name, how] of [
    ['ttl-set', 'set'],
    ['ttl-inc', 'more'],
    ['ttl-dec', 'less'],
  ] as const) {
    const value = argument(options, name);
    if (value !== null && /^\d{1,3}$/.test(value)) return { kind: 'set-ttl', how, value: Number(value) };
  }
  return { kind: 'unknown', text, why: 'the time to live is not understood' };
}

function mark(options: readonly Option[], text: string): Action {
  const change = markChange(options[0]);
  return change ? { kind: 'set-mark', ...change } : { kind: 'unknown', text, why: 'the mark is not understood' };
}

function connmark(options: readonly Option[], text: string): Action {
  const restore = options.some(({ name }) => name === 'restore-mark');
  if (restore || options.some(({ name }) => name === 'save-mark')) {
    const bits = (name: string) => Number(argument(options, name) ?? argument(options, 'mask') ?? 0xffffffff) >>> 0;
    return { kind: restore ? 'restore-mark' : 'save-mark', mask: bits('nfmask'), connmarkMask: bits('ctmask') };
  }
  const change = markChange(options[0]);
  return change
    ? { kind: 'set-connmark', ...change }
    : { kind: 'unknown', text, why: 'the connection mark is not understood' };
}

/** Returns a mark change, in any of its spellings, as (mark & ~mask) ^ value. */
function markChange(option: Option | undefined): { value: number; mask: number } | null {
  const [value = Number.NaN, mask = 0xffffffff] = (option?.args[0] ?? '').split('/').map(Number);
  if (Number.isNaN(value) || Number.isNaN(mask)) return null;
  switch (option?.name) {
    case 'set-xmark':
      return { value: value >>> 0, mask: mask >>> 0 };
    case 'set-mark':
      return { value: value >>> 0, mask: (mask | value) >>> 0 };
    case 'and-mark':
      return { value: 0, mask: ~value >>> 0 };
    case 'or-mark':
      return { value: value >>> 0, mask: value >>> 0 };
    case 'xor-mark':
      return { value: value >>> 0, mask: 0 };
    default:
      return null;
  }
}
