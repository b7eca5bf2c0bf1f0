import { createHash } from 'node:crypto';
import type { ChainAuthenticity, TagState } from '../../model/ruleset/authenticity.ts';
import type { Backend } from '../../model/ruleset/places.ts';
import type { Chain } from '../../model/ruleset/rules.ts';
import { felixNftSpellings } from './nft-spelling.ts';
import { felixSpellings } from './iptables-spelling.ts';

/** The state of Felix's hash chain after a rule; it starts as the hash of the chain's name. */
type HashState = Buffer;

/**
 * Predicts the tags that Felix gives to rules in its own spelling (iptables: without `-A <chain> HASH `), from a
 * chain's name alone.
 */
export function predictTags(chain: string, spellings: readonly string[], dialect: Dialect = 'iptables'): string[] {
  let state = startOf(chain);
  return spellings.map((spelling) => {
    state = nextState(state, dialect === 'iptables' ? iptablesText(chain, spelling) : spelling);
    return tagOf(state);
  });
}

export type Dialect = 'iptables' | 'nft';

/**
 * Compares a chain's tags with the hashes of its visible rules. Genuine: Felix rendered every rule, and nothing changed
 * since. Rules removed from a chain's end leave no trace, unless the chain's kind always ends the same way. A tag
 * depends on all rules before it, so after the first that does not fit, only the order of the later ones can be
 * checked. In nftables mode a comment is not part of the tag, so a changed comment does not show. A chain of the kernel
 * is foreign, although Felix's own rules in it are verified one by one.
 */
export function authenticateChain(backend: Backend, table: string, { name, rules }: Chain): ChainAuthenticity {
  const felixOwn = name.startsWith('cali-') || /^(?:filter|nat|mangle|raw)-cali-/.test(name);
  const dialect: Dialect = backend === 'nftables' ? 'nft' : 'iptables';
  const states = felixOwn ? ownChainStates(name, rules, dialect) : kernelChainStates(name, rules, dialect);
  if (!felixOwn) return { table, chain: name, state: 'foreign', rules: states, why: null };
  const bad = states.findIndex((state) => state !== 'genuine');
  if (bad === -1) {
    const cutOff = lacksItsEnd(name, rules);
    return {
      table,
      chain: name,
      state: cutOff ? 'edited' : 'genuine',
      rules: states,
      why: cutOff ? 'the rule that ends every chain of this kind is missing' : null,
    };
  }
  const why =
    states[bad] === 'foreign'
      ? `rule ${bad + 1} has no tag of Calico's`
      : `rule ${bad + 1} is not the one that its tag was made for, or a rule before it is missing`;
  return { table, chain: name, state: 'edited', rules: states, why };
}

const lastComments: readonly (readonly [chain: RegExp, comment: RegExp])[] = [
  [/^(?:filter-)?cali-[tf]w-/, /^(?:Drop|Reject) if no profiles matched$|^Endpoint admin disabled$/],
  [/^(?:filter-)?cali-(?:from|to)-wl-dispatch(?:-.)?$/, /^Unknown interface$/],
];

function lacksItsEnd(name: string, rules: Chain['rules']): boolean {
  const expected = lastComments.find(([chain]) => chain.test(name))?.[1];
  return expected !== undefined && !(rules.at(-1)?.comments.some((comment) => expected.test(comment)) ?? false);
}

function ownChainStates(chain: string, rules: Chain['rules'], dialect: Dialect): TagState[] {
  let state: HashState | null = startOf(chain);
  return rules.map((rule): TagState => {
    if (rule.tag === null) return 'foreign';
    if (state === null) return 'unverified';
    state = fitting(state, chain, rule.text, rule.tag, dialect);
    return state ? 'genuine' : 'edited';
  });
}

/** In a chain of the kernel Felix hashes the rules it inserted and those it appended as two chains. */
function kernelChainStates(chain: string, rules: Chain['rules'], dialect: Dialect): TagState[] {
  const parts = [chain, `${chain}*appends*`].map((name) => ({ name, state: startOf(name) }));
  return rules.map((rule): TagState => {
    if (rule.tag === null) return 'foreign';
    for (const part of parts) {
      const next = fitting(part.state, part.name, rule.text, rule.tag, dialect);
      if (!next) continue;
      part.state = next;
      return 'genuine';
    }
    return 'edited';
  });
}

function fitting(state: HashState, chain: string, text: string, tag: string, dialect: Dialect): HashState | null {
  const texts =
    dialect === 'nft'
      ? felixNftSpellings({ text })
      : felixSpellings({ text }).map((spelling) => iptablesText(chain, spelling));
  return texts.map((one) => nextState(state, one)).find((next) => tagOf(next) === tag) ?? null;
}

function iptablesText(chain: string, spelling: string): string {
  return `-A ${chain} HASH ${spelling}`;
}

function startOf(chain: string): HashState {
  return createHash('sha224').update(chain).digest();
}

function nextState(state: HashState, text: string): HashState {
  return createHash('sha224').update(state).update(text).digest();
}

function tagOf(state: HashState): string {
  return state.toString('base64url').slice(0, 16);
}
