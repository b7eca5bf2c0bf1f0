import { describe, expect, test } from '@jest/globals';
import type { RuleSet } from '../../src/model/ruleset/rules.ts';
import { LazyChain } from '../../src/ruleset/chains/lazy-chain.ts';
import { proveByCounters } from '../../src/ruleset/counters/counter-proof.ts';
import { chainAuthenticity } from '../../src/ruleset/felix/chain-authenticity.ts';
import { ownerOf } from '../../src/ruleset/felix/chain-owner.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from './rules-of.ts';

const policy = 'cali-pi-_a1b2';
const save = (dropped: number): RuleSet =>
  parseIptablesSave(
    [
      '*filter',
      ':FORWARD ACCEPT [0:0]',
      ':FOREIGN - [0:0]',
      ':MISSED - [0:0]',
      ':cali-to-wl-dispatch - [0:0]',
      ':cali-tw-cali1 - [0:0]',
      `:${policy} - [0:0]`,
      '[9:9] -A FORWARD -s 203.0.113.0/24 -j FOREIGN',
      '[9:9] -A FORWARD -j MISSED',
      '[9:9] -A FORWARD -j cali-to-wl-dispatch',
      `[9:9] -A FOREIGN -p tcp -j ${policy}`,
      '[9:9] -A FOREIGN -i eth7 -g cali-tw-cali1',
      '[9:9] -A FOREIGN -j DROP',
      '[9:9] -A MISSED -s 198.18.0.1/32 -j DROP',
      '[9:9] -A MISSED ! -p tcp -j DROP',
      '[9:9] -A MISSED -i eth9 -j DROP',
      '[9:9] -A cali-to-wl-dispatch -o eth1 -g cali-tw-cali1',
      `[9:9] -A cali-tw-cali1 -m comment --comment "Start of tier t" -j ${policy}`,
      `[${dropped}:${dropped * 100}] -A ${policy} -p tcp -j DROP`,
      'COMMIT',
      '',
    ].join('\n'),
  );
const chainOf = ({ tables }: RuleSet, name: string): LazyChain => {
  const found = tables[0]?.chains.find((chain) => chain.name === name);
  if (!(found instanceof LazyChain)) throw new Error(`no chain ${name}`);
  return found;
};
const parsed = (ruleSet: RuleSet, name: string) => {
  const chain = chainOf(ruleSet, name);
  return Array.from({ length: chain.printed.size }, (_, at) => chain.hasRead(at));
};

const strange = () =>
  parseIptablesSave('*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -s 198.18.0.1/32 -j DROP -j DROP\nCOMMIT\n');

describe('chains that a walk does not enter are not parsed', () => {
  test('by a walk, its owner and its proof', () => {
    const [idle, before, after] = [save(5), save(5), save(8)];
    const walk = walkHook([before], anyTcp, 'FORWARD');
    const proof = proveByCounters({
      idle: [idle],
      before: [before],
      after: [after],
      packets: 3,
      length: 100,
      notFresh: null,
      notSeen: [],
      walk,
    });
    expect([walk.decision, walk.owner, proof.proof]).toMatchObject([
      'drop',
      { kind: 'policy', name: '_a1b2', tier: 't' },
      'counter',
    ]);
    expect(walk.rule && chainAuthenticity([before], walk.rule)?.state).toBe('edited');
    const [table] = before.tables;
    expect(table && ownerOf(table, 'cali-tw-cali1')).toMatchObject({ kind: 'endpoint', name: 'eth1' });
    for (const ruleSet of [idle, before, after]) expect(parsed(ruleSet, 'FOREIGN')).toEqual([false, false, false]);
    for (const ruleSet of [idle, after]) expect(parsed(ruleSet, 'FORWARD')).toEqual([false, false, false]);
  });

  test('nor the rules of a chain that miss by what they start with', () => {
    const ruleSet = save(0);
    walkHook([ruleSet], anyTcp, 'FORWARD');
    expect(parsed(ruleSet, 'MISSED')).toEqual([false, false, false]);
    expect(parsed(ruleSet, 'FORWARD')).toEqual([false, true, true]);
    expect(chainOf(ruleSet, 'MISSED').rules.map(({ text }) => text)).toEqual([
      '-A MISSED -s 198.18.0.1/32 -j DROP',
      '-A MISSED ! -p tcp -j DROP',
      '-A MISSED -i eth9 -j DROP',
    ]);
  });

  test('what is not a rule misses by what it starts with, whether its chain was parsed before or not', () => {
    const [fresh, known] = [strange(), strange()];
    expect(chainOf(known, 'FORWARD').rules).toHaveLength(1);
    expect([fresh, known].map((ruleSet) => walkHook([ruleSet], anyTcp, 'FORWARD').decision)).toEqual([
      'accept',
      'accept',
    ]);
  });
});
