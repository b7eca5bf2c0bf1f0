import { describe, expect, test } from '@jest/globals';
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import { parseChainDevices } from '../../../src/ruleset/nft/chain-devices.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { capturedRuleSet } from '../captured.ts';
import { chain, decide, drop, input, match, meta, payload, why } from './listed.ts';

const change = (value: unknown) =>
  walkHook([chain([[{ mangle: { key: meta('mark'), value } }]])], { ...input, mark: 0x0f }, 'INPUT').packet.mark;

describe('nft rules', () => {
  test.each<[string, object[], Partial<Packet>, string]>([
    ['a port in a set', [match(payload('tcp', 'dport'), { set: [22, { range: [80, 90] }] })], {}, 'drop'],
    ['a port of another protocol', [match(payload('udp', 'dport'), 80)], {}, 'accept'],
    ['a negated port matches its own protocol only', [match(payload('udp', 'dport'), 53, '!=')], {}, 'accept'],
    ['th without a protocol', [match(payload('th', 'dport'), 80)], {}, 'drop'],
    ['a comparison', [match(payload('tcp', 'dport'), 1024, '<')], {}, 'drop'],
    ['a prefix', [match(payload('ip', 'saddr'), { prefix: { addr: '10.0.0.0', len: 8 } })], {}, 'drop'],
    [
      'a negated set of addresses',
      [match(payload('ip', 'saddr'), { set: ['10.0.0.1', '10.0.0.9'] }, '!=')],
      {},
      'accept',
    ],
    ['an address of the other family', [match(payload('ip6', 'saddr'), 'fd00::1', '!=')], {}, 'accept'],
    ['an interface with a wildcard', [match(meta('iifname'), 'eth*')], {}, 'drop'],
    ['several interfaces', [match(meta('iifname'), { set: ['lo', 'eth0'] })], {}, 'drop'],
    ['connection states', [match({ ct: { key: 'state' } }, ['established', 'related'], 'in')], {}, 'accept'],
    ['negated connection states', [match({ ct: { key: 'state' } }, 'new', '!=')], {}, 'accept'],
    ['marks', [match({ '&': [meta('mark'), 3] }, 1)], { mark: 5 }, 'drop'],
    ['the family', [match(meta('nfproto'), 'ipv6')], {}, 'accept'],
    ['protocols by name', [match(meta('l4proto'), { set: ['udp', 'tcp'] })], {}, 'drop'],
    ['TCP flags', [match({ '&': [payload('tcp', 'flags'), { '|': ['syn', 'ack'] }] }, 'syn')], {}, 'drop'],
    ['a local destination', [match({ fib: { result: 'type', flags: ['daddr'] } }, 'local')], {}, 'drop'],
    ['ICMP', [match(payload('icmp', 'type'), 'echo-request')], { protocol: 1, icmpType: 8, icmpCode: 0 }, 'drop'],
  ])('%s', (_, expressions, packet, decision) =>
    expect(decide([...expressions, drop], { ...input, ...packet })).toBe(decision),
  );

  test('change marks in every combination', () => {
    expect([
      change(0x40),
      change({ '|': [meta('mark'), 0x10] }),
      change({ '&': [meta('mark'), 0xfc] }),
      change({ '^': [meta('mark'), 0xff] }),
      change({ '|': [{ '&': [meta('mark'), 0xf0] }, 0x01] }),
    ]).toEqual([0x40, 0x1f, 0x0c, 0xf0, 0x01]);
  });

  test('look up verdicts, in a set of their own or in a map of the table', () => {
    const map = {
      map: {
        family: 'inet',
        table: 't',
        name: 'm',
        type: 'ifname',
        map: 'verdict',
        elem: [['eth0', { jump: { target: 'sub' } }]],
      },
    };
    const sub = { chain: { family: 'inet', table: 't', name: 'sub' } };
    const inSub = {
      rule: {
        family: 'inet',
        table: 't',
        chain: 'sub',
        handle: 9,
        expr: [{ counter: { packets: 4, bytes: 240 } }, drop],
      },
    };
    const result = walkHook(
      [chain([[{ vmap: { key: meta('iifname'), data: '@m' } }]], [map, sub, inSub])],
      input,
      'INPUT',
    );
    expect(result).toMatchObject({
      decision: 'drop',
      rule: { chain: 'sub', index: 1 },
      path: [{ chain: 'in', index: 1 }],
    });
    expect(
      decide([
        {
          vmap: {
            key: { ct: { key: 'state' } },
            data: {
              set: [
                ['established', { accept: null }],
                ['new', drop],
              ],
            },
          },
        },
      ]),
    ).toBe('drop');
    expect(
      decide([
        {
          vmap: {
            key: payload('tcp', 'dport'),
            data: {
              set: [
                [22, drop],
                [{ range: [8000, 9000] }, drop],
              ],
            },
          },
        },
      ]),
    ).toBe('accept');
  });

  test('ask named sets of their own table, concatenated ones too', () => {
    const set = {
      set: {
        family: 'inet',
        table: 't',
        name: 's',
        type: ['ipv4_addr', 'inet_proto', 'inet_service'],
        elem: [{ concat: ['10.0.0.1', 'tcp', 80] }],
      },
    };
    const asked = match({ concat: [payload('ip', 'saddr'), meta('l4proto'), payload('th', 'dport')] }, '@s');
    expect([
      decide([asked, drop], input, [set]),
      decide([asked, drop], { ...input, destinationPort: 81 }, [set]),
    ]).toEqual(['drop', 'accept']);
  });

  test('a condition after an action, a limit and unknown statements are undecided', () => {
    expect(why([{ mangle: { key: meta('mark'), value: 1 } }, match(meta('iifname'), 'eth0'), drop])).toEqual([
      'the rule asks again after it has changed something',
    ]);
    expect(why([{ limit: { rate: 1, per: 'second' } }, drop])).toEqual([
      'how much of the limit is used is not in a save',
    ]);
    expect(why([match({ meta: { key: 'hour' } }, '10:00'), drop])).toEqual(['the expression is not understood']);
    expect(why([{ xt: { type: 'match', name: 'set' } }, drop])[0]).toContain('read the table with iptables-nft-save');
  });

  test('rules without a counter have none, and keep their handle', () => {
    expect(chain([[drop]]).tables[0]?.chains[0]?.rules[0]).toMatchObject({
      counters: null,
      handle: 2,
      index: 1,
      text: 'drop',
    });
  });

  test('chains of bridges, of devices that are not told, and flowtables, are named as not walked', () => {
    const { uncertainties } = parseNftJson(
      JSON.stringify({
        nftables: [
          { table: { family: 'netdev', name: 'n' } },
          { table: { family: 'bridge', name: 'b' } },
          {
            chain: {
              family: 'bridge',
              table: 'b',
              name: 'f',
              type: 'filter',
              hook: 'forward',
              prio: 0,
              policy: 'drop',
            },
          },
          {
            chain: {
              family: 'netdev',
              table: 'n',
              name: 'idle',
              type: 'filter',
              hook: 'ingress',
              prio: 0,
              policy: 'accept',
            },
          },
          {
            chain: {
              family: 'netdev',
              table: 'n',
              name: 'ingress',
              type: 'filter',
              hook: 'ingress',
              prio: 0,
              policy: 'drop',
            },
          },
          { flowtable: { family: 'inet', table: 't', name: 'ft', hook: 'ingress', prio: 0 } },
        ],
      }),
    );
    expect(uncertainties).toEqual([
      { rule: 'bridge b f', why: 'chains of the bridge family at forward are not walked', unwalked: true },
      {
        rule: 'netdev n ingress',
        why: 'of which interface the chain sees the packets is not in the listing (ingress)',
        unwalked: true,
      },
      { rule: 'flowtable ft', why: 'established flows may pass by the FORWARD and POSTROUTING chains' },
    ]);
  });

  test.each<[string, object, string, string[]]>([
    ['one device, told by the JSON', { dev: 'eth0' }, '', ['eth0']],
    ['several', { dev: ['eth0', 'eth1'] }, '', ['eth0', 'eth1']],
    [
      'one, told by the list of chains',
      {},
      'table netdev n {\n\tchain i {\n\t\ttype filter hook ingress device "eth0" priority filter + 5; policy accept;\n\t}\n}\n',
      ['eth0'],
    ],
    [
      'several, told by the list of chains',
      {},
      'table inet o {\n\tchain i {\n\t}\n}\ntable netdev n {\n\tchain e {\n\t}\n\tchain i {\n\t\ttype filter hook ingress devices = { v0, v1 } priority filter + 7; policy accept;\n\t}\n}\n',
      ['v0', 'v1'],
    ],
  ])('a chain of %s sees what comes in by it before every other chain does', (_, dev, chains, devices) => {
    const ruleSet = parseNftJson(
      JSON.stringify({
        nftables: [
          { table: { family: 'netdev', name: 'n' } },
          {
            chain: {
              family: 'netdev',
              table: 'n',
              name: 'i',
              type: 'filter',
              hook: 'ingress',
              prio: 5,
              policy: 'drop',
              ...dev,
            },
          },
          { table: { family: 'ip', name: 'raw' } },
          {
            chain: {
              family: 'ip',
              table: 'raw',
              name: 'early',
              type: 'filter',
              hook: 'prerouting',
              prio: -500,
              policy: 'drop',
            },
          },
        ],
      }),
      parseChainDevices(chains),
    );
    expect([ruleSet.uncertainties, ruleSet.tables[0]?.chains[0]?.base?.devices]).toEqual([[], devices]);
    const ends = (inInterface: string | null) =>
      walkHook(
        [ruleSet],
        packetOf({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 6, ctState: 'NEW', inInterface }),
        'PREROUTING',
      ).rule?.table;
    expect([...devices, 'other', null].map(ends)).toEqual([...devices.map(() => 'n'), 'raw', 'raw']);
  });

  test('JSON that was cut off is refused', () => {
    expect(() => parseNftJson('{"nftables": [{"table": {"fam')).toThrow(SyntaxError);
  });
});

test.each(['healthy-nftables', 'profile-missing-rbac-nftables'])(
  '%s: every statement of the ip tables is understood',
  (folder) => {
    for (const node of ['n1', 'n2'] as const) {
      const { tables, uncertainties } = capturedRuleSet(folder, node);
      const rules = tables
        .filter(({ family }) => family === 'ip')
        .flatMap(({ chains }) => chains.flatMap((one) => one.rules));
      expect(rules.length).toBeGreaterThan(50);
      expect(
        rules.flatMap(({ matches, actions }) => [...matches, ...actions]).filter(({ kind }) => kind === 'unknown'),
      ).toEqual([]);
      expect(rules.filter(({ tag }) => tag === null)).toEqual([]);
      expect(uncertainties).toEqual([]);
    }
  },
);
