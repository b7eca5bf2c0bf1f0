/** A drop that the rules alone do not decide, and whose counter took the test packets. */
import { describe, expect, test } from '@jest/globals';
import type { CounterBurst } from '../../src/model/drop-counters.ts';
import { foreignRuleDrops as rule } from '../../src/rules/filter/foreign-rule-drops.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { proveByCounters } from '../../src/ruleset/counters/counter-proof.ts';
import { captured, changed, evaluated, factOf, failing, judged, leg, valueOf, type Facts } from '../support/facts.ts';
import { rerouted } from '../support/ways.ts';
import { walkedAgain } from '../support/walked-again.ts';

const base = rerouted(failing(await captured('healthy-legacy')));
const { ruleSets } = valueOf(base, 'rulesets@target');
const half = '-A FORWARD -m statistic --mode random --probability 0.99000000022 -j DROP';
/** A packet filter of iptables-nft beside Calico's own, which counted so many packets of 60 bytes. */
const beside = (counts: readonly number[], rules: readonly string[] = [half]) => [
  ...ruleSets,
  parseIptablesSave(
    [
      '*filter',
      ':INPUT ACCEPT [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ...rules.map((text, at) => `[${counts[at]}:${(counts[at] ?? 0) * 60}] ${text}`),
      'COMMIT',
      '',
    ].join('\n'),
    { backend: 'iptables-nft' },
  ),
];
const walked = (rules?: readonly string[]) =>
  walkedAgain(
    changed(base, {
      'rulesets@target': { ...valueOf(base, 'rulesets@target'), ruleSets: beside([0, 0], rules) },
    }),
  );
const counted = (after: readonly number[], idle: readonly number[] = [0, 0], rules?: readonly string[]) => {
  const facts = walked(rules);
  const proof = proveByCounters({
    idle: beside([0, 0], rules),
    before: beside(idle, rules),
    after: beside(
      after.map((count, at) => count + (idle[at] ?? 0)),
      rules,
    ),
    packets: 3,
    length: 60,
    notFresh: null,
    notSeen: [],
    walk: leg(facts, 'target-ingress').result,
  });
  const burst: CounterBurst = {
    node: 'n1',
    leg: 'target-ingress',
    reached: 'yes',
    flow: 'asked',
    sent: 3,
    length: 60,
    proof,
  };
  return changed(facts, { 'drop-counters': { bursts: [burst] } });
};
const two = [half, '-A FORWARD -m dscp --dscp 0x2e -j DROP'];

describe('a rule with a match that nobody can decide', () => {
  test('drops the packet where it counted every test packet, and no other rule did', async () => {
    const facts = counted([3]);
    expect(await judged(rule, facts)).toEqual(['drops Rule filter FORWARD 1 @n1 inferred stops']);
    const { outcome } = await evaluated(rule, facts);
    expect(outcome.outcome === 'fail' && outcome.findings[0]?.data['counters']).toBe(
      'It counted 3 packets while 3 test packets of 60 bytes were sent, and none in the idle window before. Not ' +
        'proven by counter: the walk of the packet ends in unknown; it chooses packets at random or by count ' +
        `(${half}).`,
    );
  });

  test.each([
    '-m u32 --u32 "0xc=0xaf40207"',
    '-m time --datestop 2038-01-19T03:14:07',
    '-m bpf --bytecode "4,48 0 0 9,21 0 1 6,6 0 0 1,6 0 0 0"',
    '-m connlimit --connlimit-above 0',
    '-m somethingnew --flag 1',
  ])('is judged by its counter, whatever it reads: %s', async (match) => {
    const rules = [`-A FORWARD ${match} -j DROP`];
    expect(await judged(rule, counted([3], [0, 0], rules))).toEqual(['drops Rule filter FORWARD 1 @n1 inferred stops']);
  });

  test.each<[string, () => ReturnType<typeof counted>]>([
    ['counted none', () => counted([0])],
    ['counted some of them', () => counted([2])],
    ['counted others before', () => counted([3], [2])],
    ['counted as many as another', () => counted([3, 3], [0, 0], two)],
  ])('is not blamed where it %s, and is named with the next command', async (_, facts) => {
    expect(await judged(rule, facts())).toBe('inconclusive');
    const denials = await factOf(facts(), 'denials');
    const open =
      denials.status === 'observed' ? denials.value.open.find(({ leg: at }) => at === 'target-ingress') : null;
    expect(open?.why).toContain(`rule 1 of filter FORWARD ("${half}") can decide either way`);
    expect(open?.why).toMatch(/ To do next on n1: iptables-nft-save -c \| grep -- '-A FORWARD '$/);
  });

  test('of two, the one that counted them is blamed', async () => {
    expect(await judged(rule, counted([0, 3], [0, 0], two))).toEqual([
      'drops Rule filter FORWARD 2 @n1 inferred stops',
    ]);
  });
});

describe('a rule that drops for certain, behind one that nobody can decide', () => {
  const certain = '-A FORWARD -j DROP';
  const both = [half, certain];
  const [first, second] = [1, 2].map((at) => `drops Rule filter FORWARD ${at} @n1 inferred`);

  test.each<[string, () => Facts, readonly (string | undefined)[]]>([
    ['nothing was counted', () => walked(both), [`${second} stops`]],
    ['it counted every test packet', () => counted([0, 3], [0, 0], both), [`${second} stops`]],
    ['each counted some', () => counted([2, 1], [0, 0], both), [`${second} stops`]],
    ['the other one counted every test packet', () => counted([3, 0], [0, 0], both), [`${first} stops`, second]],
  ])('is named where %s', async (_, facts, said) => {
    expect(await judged(rule, facts())).toEqual(said);
  });

  test('nothing is named where a third rule may accept what comes so far', async () => {
    const maybe = '-A FORWARD -m statistic --mode random --probability 0.5 -j ACCEPT';
    expect(await judged(rule, walked([half, maybe, certain]))).toBe('inconclusive');
  });
});
