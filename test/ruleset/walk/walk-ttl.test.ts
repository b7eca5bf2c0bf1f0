import { describe, expect, test } from '@jest/globals';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { delivered, forwarded, sent, walkFlow } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from '../rules-of.ts';

const mangle = (chain: string, rule: string) =>
  parseIptablesSave(`*mangle\n:${chain} ACCEPT [0:0]\n-A ${chain} ${rule}\nCOMMIT\n`);
const setting = (value: unknown) =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'hops' } },
        { chain: { family: 'inet', table: 'hops', name: 'pre', type: 'filter', hook: 'prerouting', prio: -150 } },
        {
          rule: {
            family: 'inet',
            table: 'hops',
            chain: 'pre',
            handle: 2,
            expr: [{ mangle: { key: { payload: { protocol: 'ip', field: 'ttl' } }, value } }],
          },
        },
      ],
    }),
  );
const through = (ruleSet: RuleSet, packet: Partial<Packet> = {}, stages = forwarded('eth0', 'cali0')) =>
  walkFlow([ruleSet], { ...anyTcp, ...packet }, stages);

describe('a packet that is forwarded', () => {
  test.each([
    ['set by iptables', mangle('PREROUTING', '-i eth0 -j TTL --ttl-set 1'), {}, 'PREROUTING'],
    ['less than it was', mangle('PREROUTING', '-j TTL --ttl-dec 70'), { ttl: 64 }, 'PREROUTING'],
    ['set by nft', setting(1), {}, 'pre'],
  ])('ends at the rule that leaves it no time to live: %s', (_, ruleSet, packet, chain) => {
    expect(through(ruleSet, packet)).toMatchObject({
      decision: 'drop',
      expired: true,
      rule: { chain, index: 1 },
      owner: { kind: 'foreign' },
    });
  });

  test('goes on with what is left of it', () => {
    const result = through(mangle('PREROUTING', '-j TTL --ttl-set 2'));
    expect([result.decision, result.packet.ttl]).toEqual(['accept', 1]);
    expect(through(mangle('PREROUTING', '-j TTL --ttl-inc 5'), { ttl: 1 }).decision).toBe('accept');
  });

  test('is in doubt where it comes with nothing left', () => {
    const result = through(mangle('PREROUTING', '-s 192.0.2.1/32 -j DROP'), { ttl: 1 });
    expect([result.decision, result.uncertainties.map(({ why }) => why)]).toEqual([
      'unknown',
      ['the packet comes with a time to live of 1, and the kernel does not forward it'],
    ]);
  });
});

test('a packet for the node, or of it, needs no time to live there', () => {
  expect(through(mangle('PREROUTING', '-j TTL --ttl-set 1'), {}, delivered('eth0')).decision).toBe('accept');
  expect(through(mangle('OUTPUT', '-j TTL --ttl-set 1'), {}, sent('eth0')).decision).toBe('accept');
});

test.each([
  ['POSTROUTING', '--ttl-dec 62', 1],
  ['FORWARD', '--ttl-dec 62', 1],
  ['PREROUTING', '--ttl-dec 62', 1],
  ['PREROUTING', '--ttl-dec 1', 62],
])('one that is not known, and is made less at %s by %s, is taken to be as Linux sends it', (chain, less, left) => {
  const { decision, packet, uncertainties, ttlSetBy } = through(mangle(chain, `-j TTL ${less}`));
  expect([decision, packet.ttl, ttlSetBy?.rule.chain]).toEqual(['accept', left, chain]);
  expect(uncertainties[0]?.why).toBe("the packet's time to live is taken to be 64 where it was sent");
});

test('one that is not known, and is made more, leaves nothing in doubt', () => {
  const { decision, packet, uncertainties } = through(mangle('PREROUTING', '-j TTL --ttl-inc 5'));
  expect([decision, packet.ttl, uncertainties]).toEqual(['accept', null, []]);
});

test('one that is not known, and is made less than one, ends the packet', () => {
  const { decision, expired, rule, uncertainties } = through(mangle('PREROUTING', '-j TTL --ttl-dec 63'));
  expect([decision, expired, rule?.index, uncertainties.length]).toEqual(['drop', true, 1, 1]);
});

test('one that is set to what is not understood decides nothing', () => {
  const { decision, uncertainties } = through(setting({ numgen: { mode: 'random', mod: 64, offset: 0 } }));
  expect([decision, uncertainties[0]?.why]).toEqual(['unknown', 'the time to live is not understood']);
});
