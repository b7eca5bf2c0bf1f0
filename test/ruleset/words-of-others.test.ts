import { describe, expect, test } from '@jest/globals';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { parseIpset } from '../../src/ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { parseSelector, selects } from '../../src/policy/selector.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp, filterTable } from './rules-of.ts';

/** Names that every object has without anybody having put them there. */
const inherited = ['__proto__', 'constructor', 'valueOf', 'hasOwnProperty', 'toString', 'isPrototypeOf'];
const places = (forms: readonly string[]) =>
  forms.flatMap((form) => inherited.map((word) => [form.replaceAll('WORD', word)] as const));

const walked = (ruleSet: RuleSet) => walkHook([ruleSet], anyTcp, 'FORWARD');

describe('a word that every object inherits is not a word of iptables', () => {
  test.each(
    places([
      '-m WORD -j DROP',
      '-m ttl --ttl-WORD 1 -j DROP',
      '-p WORD -j DROP',
      '-p icmp -m icmp --icmp-type WORD -j DROP',
      '-j WORD',
      '-m tcp --WORD 1 -j DROP',
      '-m set --match-set WORD src -j DROP',
      '-m addrtype --src-type WORD -j DROP',
      '--WORD 1 -j DROP',
    ]),
  )('%s', (rule) => {
    const ruleSet = filterTable([`-A FORWARD ${rule}`]);
    const { decision, uncertainties } = walked(ruleSet);
    const icmp = rule.startsWith('-p icmp');
    expect({ rule, decision }).toEqual({ rule, decision: icmp ? 'accept' : 'unknown' });
    expect(uncertainties.length > 0).toBe(!icmp);
    expect(ruleSet.tables[0]?.chains[1]?.rules[0]?.matches.filter(({ kind }) => kind === 'constant')).toEqual([]);
  });

  test.each(
    places([
      '*WORD\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DROP\nCOMMIT\n',
      '*filter\n:WORD DROP [0:0]\n:FORWARD ACCEPT [0:0]\n-A WORD -j DROP\nCOMMIT\n',
    ]),
  )('%j', (save) => {
    expect(parseIptablesSave(save).tables[0]?.chains.filter(({ base }) => base)).toHaveLength(
      save.startsWith('*filter') ? 1 : 0,
    );
    expect(walked(parseIptablesSave(save)).decision).toBe('accept');
  });
});

const meta = (key: string) => ({ meta: { key } });

describe('nor of nft', () => {
  const chain = { family: 'inet', table: 't', name: 'c', type: 'filter', hook: 'forward', prio: 0, policy: 'accept' };
  const parse = (expr: readonly object[], of: object = {}, more: readonly object[] = []) =>
    parseNftJson(
      JSON.stringify({
        nftables: [
          { table: { family: 'inet', name: 't' } },
          ...more,
          { chain: { ...chain, ...of } },
          { rule: { family: 'inet', table: 't', chain: 'c', handle: 1, expr } },
        ],
      }),
    );
  const drop = { drop: null };

  test.each(inherited)('%s', (word) => {
    const unknown: readonly (readonly object[])[] = [
      [{ [word]: null }],
      [{ [word]: {} }, drop],
      [{ match: { op: '==', left: meta(word), right: 1 } }, drop],
      [{ match: { op: word, left: meta('length'), right: 5 } }, drop],
      [{ match: { op: '==', left: meta('nfproto'), right: word } }, drop],
      [{ match: { op: '==', left: meta('l4proto'), right: word } }, drop],
      [{ match: { op: '==', left: { payload: { protocol: 'tcp', field: word } }, right: 1 } }, drop],
      [{ match: { op: '==', left: { ct: { key: word } }, right: 1 } }, drop],
      [{ vmap: { key: meta('mark'), data: `@${word}` } }],
      [{ match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: `@${word}` } }, drop],
    ];
    for (const expr of unknown)
      expect({ expr, decision: walked(parse(expr)).decision }).toEqual({ expr, decision: 'unknown' });
    expect(
      walked(
        parse([{ match: { op: '==', left: { payload: { protocol: 'icmp', field: 'type' } }, right: word } }, drop]),
      ).decision,
    ).not.toBe('drop');
    for (const other of [{ hook: word }, { type: word, policy: word }])
      expect(['accept', 'drop']).toContain(walked(parse([drop], other)).decision);
    expect(parse([drop], { hook: word }).uncertainties).toHaveLength(1);
    const set = parse([drop], {}, [{ set: { family: 'inet', table: 't', name: word, type: word, elem: [word] } }])
      .sets[0];
    expect([set?.type, set?.elements?.[0]?.parts]).toEqual(['nft:other', [{ kind: 'other', text: word }]]);
    expect(parseNftJson(`{"nftables":[{"${word}":{}},{"table":{"family":"${word}","name":"t"}}]}`).tables).toEqual([]);
  });
});

describe('nor of ipset, nor the value of a label', () => {
  test.each(inherited)('%s', (word) => {
    const { sets } = parseIpset(
      `create s hash:${word}\nadd s ${word}\ncreate p hash:ip,port family inet\nadd p 10.0.0.1,icmp:${word}\nadd p 10.0.0.1,${word}:1\n`,
    );
    expect(sets.flatMap(({ elements }) => elements ?? []).map(({ parts }) => parts.at(-1)?.kind)).toEqual([
      'other',
      'other',
      'other',
    ]);
    const selector = parseSelector(`has(${word})`);
    expect(selector && selects(selector, (label) => (label === 'app' ? 'web' : null))).toBe(false);
  });
});
