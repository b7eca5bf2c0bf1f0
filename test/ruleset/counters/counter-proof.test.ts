import { describe, expect, test } from '@jest/globals';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { type Burst, proveByCounters } from '../../../src/ruleset/counters/counter-proof.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { forwarded, walkFlow, walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp, filterTable } from '../rules-of.ts';

/** A snapshot with the dropping rule at so many packets and bytes, and others beside it. */
const snapshot = (
  drop: readonly [number, number],
  { other = [0, 0], jump = drop, extra = [] as string[] } = {},
): RuleSet[] => [
  filterTable([
    ':c - [0:0]',
    `[${jump.join(':')}] -A FORWARD -j c`,
    `[${other.join(':')}] -A c -p udp -j DROP`,
    `[${drop.join(':')}] -A c -p tcp -j DROP`,
    ...extra,
  ]),
];
const burst = (changes: Partial<Burst> & { packet?: Packet } = {}): Burst => {
  const before = changes.before ?? snapshot([7, 420]);
  return {
    idle: snapshot([7, 420]),
    before,
    after: snapshot([10, 420 + 3 * 647]),
    packets: 3,
    length: 647,
    notFresh: null,
    notSeen: [],
    walk: walkHook(before, changes.packet ?? anyTcp, 'FORWARD'),
    ...changes,
  };
};
const failed = (changes: Parameters<typeof burst>[0]) =>
  proveByCounters(burst(changes)).failed.map(({ condition }) => condition);

const policy = (packets: number) => [filterTable([`:FORWARD DROP [${packets}:${packets * 647}]`])];

const mangle = (packets: number) => [
  parseIptablesSave(
    `*mangle\n:PREROUTING ACCEPT [0:0]\n[${packets}:${packets * 647}] -A PREROUTING -j TTL --ttl-set 1\nCOMMIT\n`,
  ),
];

describe('a proof by counters', () => {
  test('names the one rule that ended the packets, by packets and bytes', () => {
    expect(proveByCounters(burst())).toMatchObject({
      proof: 'counter',
      rule: { chain: 'c', index: 2 },
      idle: { packets: 0, bytes: 0 },
      rise: { packets: 3, bytes: 1941 },
      failed: [],
    });
  });

  test.each<['iptables-legacy' | 'iptables-nft', number, number, number | null]>([
    ['iptables-legacy', 0, 0, 0],
    ['iptables-nft', 0, 0, null],
    ['iptables-nft', 4, 4, 0],
    ['iptables-nft', 4, 7, 3],
  ])('a policy of %s at %i that is at %i later: the walk says it rose by %p', (backend, from, to, rise) => {
    const of = (packets: number) => policy(packets).map((ruleSet): RuleSet => ({ ...ruleSet, backend }));
    const { walked } = proveByCounters(burst({ idle: of(from), before: of(from), after: of(to) }));
    expect(walked?.packets ?? null).toBe(rise);
  });

  test('works on a counted policy', () => {
    expect(proveByCounters(burst({ idle: policy(1), before: policy(1), after: policy(4) }))).toMatchObject({
      proof: 'counter',
      rule: { chain: 'FORWARD', index: 0 },
    });
  });

  test.each<[string, Parameters<typeof burst>[0], string[]]>([
    ['too few flows', { packets: 2, after: snapshot([9, 420 + 2 * 647]) }, ['fresh-flows']],
    ['flows that were known before', { notFresh: 'source port 40000 was in conntrack' }, ['fresh-flows']],
    ['another length', { after: snapshot([10, 420 + 3 * 84]) }, ['rise']],
    ['background on the rule', { after: snapshot([12, 420 + 3 * 647 + 2 * 84]) }, ['rise']],
    ['a busy window before', { idle: snapshot([5, 300]) }, ['idle-window']],
    [
      'a counter that fell',
      {
        after: snapshot([3, 3 * 647]),
        before: snapshot([0, 0], { jump: [9, 9] }),
        idle: snapshot([0, 0], { jump: [9, 9] }),
      },
      [],
    ],
    ['another rule that rose alike', { after: snapshot([10, 420 + 3 * 647], { other: [3, 3 * 647] }) }, ['only-one']],
    [
      'a chain that changed',
      { after: snapshot([10, 420 + 3 * 647], { extra: ['[0:0] -A c -j RETURN'] }) },
      ['same-rule'],
    ],
    [
      'a chain that changed, and not by the numbers of two rules',
      { after: snapshot([4, 240], { extra: ['[0:0] -A c -j RETURN'] }) },
      ['same-rule'],
    ],
    ['a place that was not looked at', { notSeen: ['table inet firewalld was not read'] }, ['all-seen']],
    ['a walk that ends elsewhere', { packet: { ...anyTcp, protocol: 17 } }, ['walk']],
    ['a walk that is not certain', { packet: { ...anyTcp, protocol: 1 } }, ['walk']],
  ])('fails by %s', (_, changes, conditions) => {
    expect(failed(changes)).toEqual(conditions);
  });

  test.each([
    ['what the node sent beside it', 4, 729, 'counter'],
    ['nothing else', 3, 0, 'counter'],
    ['as many packets of another size', 4, 84, 'inferred'],
    ['two of what was sent beside it', 5, 2 * 729, 'inferred'],
  ])('takes a rise by the burst and %s', (_, packets, bytes, said) => {
    const after = snapshot([7 + packets, 420 + 3 * 647 + bytes]);
    const { proof, rise } = proveByCounters(burst({ after, beside: { packets: 1, length: 729 } }));
    expect(proof).toBe(said);
    if (said === 'counter') expect(rise).toEqual({ packets: 3, bytes: 3 * 647 });
  });

  test('a counter that fell shows a rewritten chain', () => {
    const rewritten = {
      before: snapshot([7, 420], { other: [5, 500] }),
      idle: snapshot([7, 420], { other: [5, 500] }),
      after: snapshot([10, 420 + 3 * 647], { other: [0, 0] }),
    };
    expect(proveByCounters(burst(rewritten)).failed).toEqual([
      { condition: 'same-rule', reason: 'a counter of c fell between snapshots 2 and 3: it was rewritten' },
    ]);
  });

  test('jumps that rise prove nothing: a packet that no rule ended has no proof', () => {
    const passing = [filterTable(['[3:1941] -A FORWARD -j ACCEPT'])];
    const before = [filterTable(['[0:0] -A FORWARD -j ACCEPT'])];
    expect(proveByCounters(burst({ idle: before, before, after: passing }))).toMatchObject({
      proof: 'inferred',
      rule: null,
      failed: [{ condition: 'ending-rule' }],
    });
  });

  test('a rule without counters is only inferred', () => {
    const plain = [filterTable(['-A FORWARD -j DROP'])];
    expect(proveByCounters(burst({ idle: plain, before: plain, after: plain }))).toMatchObject({
      proof: 'inferred',
      rule: { index: 1 },
      rise: null,
      failed: [{ condition: 'rise', reason: 'the rule has no counter' }],
    });
  });

  test('a rule that ends the time to live of packets counts them, and ends none itself', () => {
    const walk = walkFlow(mangle(0), anyTcp, forwarded('eth0', 'cali0'));
    expect(proveByCounters(burst({ idle: mangle(0), before: mangle(0), after: mangle(3), walk }))).toMatchObject({
      proof: 'inferred',
      walked: { packets: 3 },
      failed: [{ condition: 'ending-rule', reason: expect.stringContaining('the kernel drops them later') }],
    });
  });
});
