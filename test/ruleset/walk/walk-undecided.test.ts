import { describe, expect, test } from '@jest/globals';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { forwarded, walkFlow, walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp, filterTable } from '../rules-of.ts';

const forward = (...lines: string[]) => walkHook([filterTable(lines)], anyTcp, 'FORWARD');
const recent = '-A FORWARD -m recent --rcheck --name x --rsource';

const late = (policy: string, priority: number, ...expressions: object[]) =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { table: { family: 'inet', name: 'late' } },
        {
          chain: {
            family: 'inet',
            table: 'late',
            name: 'fwd',
            type: 'filter',
            hook: 'forward',
            prio: priority,
            policy,
          },
        },
        ...(expressions.length > 0
          ? [{ rule: { family: 'inet', table: 'late', chain: 'fwd', handle: 2, expr: expressions } }]
          : []),
      ],
    }),
  );

const save = (text: string) => parseIptablesSave(text.split('; ').join('\n'));

describe('an undecided match', () => {
  test('leaves the decision unknown where it matters', () => {
    const result = forward(`${recent} -j DROP`, '-A FORWARD -j ACCEPT');
    expect(result).toMatchObject({
      decision: 'unknown',
      rule: null,
      owner: null,
      uncertainties: [{ rule: `${recent} -j DROP`, why: 'state of the recent list is not in a save' }],
      ends: [
        { decision: 'accept', rule: { index: 2 } },
        { decision: 'drop', rule: { index: 1 } },
      ],
    });
  });

  test('decides nothing if both ways end alike, and is still named', () => {
    const result = forward(`${recent} -j RETURN`, '-A FORWARD -j ACCEPT');
    expect(result).toMatchObject({
      decision: 'accept',
      uncertainties: [{ why: 'state of the recent list is not in a save' }],
    });
    expect(forward(`${recent} -j DROP`, '-A FORWARD -j DROP')).toMatchObject({
      decision: 'drop',
      rule: { index: 2 },
      ends: [{ rule: { index: 2 } }, { rule: { index: 1 } }],
    });
  });

  test('is not asked where another match of its rule fails, nor where the rule only logs', () => {
    expect(forward(`${recent} -s 192.0.2.1/32 -j DROP`).uncertainties).toEqual([]);
    expect(forward('-A FORWARD -m limit --limit 1/sec -j LOG').uncertainties).toEqual([]);
  });

  test('counts with its negation', () => {
    expect(forward('-A FORWARD -m recent ! --rcheck --name x --rsource -j DROP').decision).toBe('unknown');
  });
  test('a rule that remembers the sender always matches', () => {
    const remembered = '-m recent --set --name x --mask 255.255.255.255 --rsource';
    expect(forward(`-A FORWARD ${remembered} -j DROP`)).toMatchObject({ decision: 'drop', uncertainties: [] });
    expect(forward(`-A FORWARD ${remembered.replace('--set', '! --set')} -j DROP`).decision).toBe('accept');
  });

  test('on the way to a mark keeps apart the ways that the mark decides', () => {
    const result = forward(
      '-A FORWARD -m statistic --mode nth --every 2 --packet 0 -j MARK --set-xmark 0x1/0x1',
      '-A FORWARD -m mark --mark 0x1/0x1 -j DROP',
    );
    expect(result.ends.map(({ decision }) => decision)).toEqual(['accept', 'drop']);
  });

  test('ways that meet again go on as one, so thirty undecided jumps cost little', () => {
    const chains = Array.from({ length: 30 }, (_, at) => `c${at}`);
    const result = forward(
      ...chains.map((name) => `:${name} - [0:0]`),
      ...chains.map((name) => `${recent} -j ${name}`),
      ...chains.map((name) => `-A ${name} -p udp -j DROP`),
      '-A FORWARD -j DROP',
    );
    expect(result).toMatchObject({ decision: 'drop', rule: { index: 31 } });
    expect(result.ends).toHaveLength(1);
  });

  test('too many ways make the walk give up and say so', () => {
    const rules = Array.from(
      { length: 16 },
      (_, at) => `${recent} -j MARK --set-xmark 0x${(2 ** at).toString(16)}/0x${(2 ** at).toString(16)}`,
    );
    const result = forward(...rules, '-A FORWARD -j ACCEPT');
    expect(result.decision).toBe('unknown');
    expect(result.uncertainties.map(({ why }) => why)).toContain('more undecided rules than the walk follows');
  });
});

describe('what is not known', () => {
  test.each([
    ['an unknown target', '-A FORWARD -j FROB', 'the target "FROB" is not understood'],
    ['a queue', '-A FORWARD -j NFQUEUE --queue-num 0', 'a program in user space decides'],
    ['a set that was not read', '-A FORWARD -m set --match-set gone src -j DROP', 'the set gone is not in the save'],
    [
      'a route that was not asked',
      '-A FORWARD -m addrtype --dst-type UNICAST -j DROP',
      "the node's routes are not in a save",
    ],
    [
      'a length that was not given',
      '-A FORWARD -m length --length 100:200 -j DROP',
      "the packet's length is not known",
    ],
  ])('%s', (_, rule, why) => {
    expect(forward(rule)).toMatchObject({ decision: 'unknown', uncertainties: [{ why }] });
  });

  test('a save that was cut off decides nothing', () => {
    const ruleSet = parseIptablesSave('*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j ACCEPT\n');
    expect(walkHook([ruleSet], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'unknown',
      uncertainties: [{ why: 'the save ends before the table does' }],
    });
  });

  test('a jump into a missing chain decides nothing', () => {
    const [broken] = [filterTable([':c - [0:0]', '-A FORWARD -j c'])].map((ruleSet): RuleSet => ({
      ...ruleSet,
      tables: ruleSet.tables.map((table) => ({ ...table, chains: table.chains.filter(({ name }) => name !== 'c') })),
    }));
    expect(walkHook(broken ? [broken] : [], anyTcp, 'FORWARD').uncertainties).toMatchObject([
      { rule: '-A FORWARD -j c', why: 'the chain c is not in the save' },
    ]);
  });

  test('chains that jump in a ring end at the bound', () => {
    expect(forward(':a - [0:0]', ':b - [0:0]', '-A FORWARD -j a', '-A a -j b', '-A b -j a')).toMatchObject({
      decision: 'unknown',
      uncertainties: [{ why: 'the walk is longer than its bound' }],
    });
  });
});

describe('several backends', () => {
  const accepting = filterTable(['-A FORWARD -j ACCEPT']);
  const dropTcp = [{ match: { op: '==', left: { meta: { key: 'l4proto' } }, right: 'tcp' } }, { drop: null }];

  test('a later chain still sees what an earlier one accepted', () => {
    expect(walkHook([accepting, late('accept', 50, ...dropTcp)], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'drop',
      rule: { backend: 'nftables', table: 'late', chain: 'fwd', index: 1 },
      owner: { kind: 'foreign' },
    });
    expect(walkHook([accepting, late('drop', 50)], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'drop',
      rule: { index: 0, text: '-P fwd DROP' },
    });
  });

  test('an earlier chain decides first', () => {
    const result = walkHook([filterTable(['-A FORWARD -j DROP']), late('accept', -10, ...dropTcp)], anyTcp, 'FORWARD');
    expect(result.rule).toMatchObject({ backend: 'nftables' });
  });

  test('legacy rules beside nft ones both decide', () => {
    const nft = filterTable(['-A FORWARD -j ACCEPT'], 'iptables-nft');
    expect(walkHook([nft, filterTable(['-A FORWARD -p tcp -j DROP'])], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'drop',
      rule: { backend: 'iptables-legacy' },
    });
  });

  test('the order of equal priorities is not guessed if it matters', () => {
    const marking = filterTable(['-A FORWARD -j MARK --set-xmark 0x1/0x1'], 'iptables-nft');
    const judging = filterTable(['-A FORWARD -m mark --mark 0x1/0x1 -j DROP']);
    expect(walkHook([marking, judging], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'unknown',
      uncertainties: [{ why: 'which of them the kernel calls first is not in a save' }],
    });
  });

  test('the order does not matter if every order ends at the same rule', () => {
    const marking = filterTable(['-A FORWARD -j MARK --set-xmark 0x1/0x1'], 'iptables-nft');
    const dropping = filterTable(['-A FORWARD -j DROP']);
    expect(walkHook([marking, dropping], anyTcp, 'FORWARD')).toMatchObject({
      decision: 'drop',
      rule: { backend: 'iptables-legacy', index: 1 },
      uncertainties: [],
    });
  });

  test('a table of iptables-nft that nft lists, too, is walked once', () => {
    const ruleSet = filterTable(['-A FORWARD -j ACCEPT'], 'iptables-nft');
    const listed = parseNftJson(
      JSON.stringify({
        nftables: [
          { table: { family: 'ip', name: 'filter' } },
          {
            chain: {
              family: 'ip',
              table: 'filter',
              name: 'FORWARD',
              type: 'filter',
              hook: 'forward',
              prio: 0,
              policy: 'drop',
            },
          },
        ],
      }),
    );
    expect(walkHook([ruleSet, listed], anyTcp, 'FORWARD').decision).toBe('accept');
    expect(walkHook([listed], anyTcp, 'FORWARD').decision).toBe('drop');
  });

  test('a warning of other tables is settled by reading them', () => {
    const nft = parseIptablesSave(
      '# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n',
      { backend: 'iptables-nft' },
    );
    expect(walkHook([nft], anyTcp, 'FORWARD').uncertainties).toHaveLength(1);
    expect(walkHook([nft, filterTable([])], anyTcp, 'FORWARD').uncertainties).toEqual([]);
  });
});

describe('along the hooks of one packet', () => {
  test('marks and rewritten addresses are carried to the next hook', () => {
    const ruleSet = save(
      '*nat; :PREROUTING ACCEPT [0:0]; -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.9.9:8080; COMMIT; *filter; :FORWARD DROP [0:0]; -A FORWARD -d 10.9.9.9/32 -p tcp -m tcp --dport 8080 -m conntrack --ctstate DNAT -j ACCEPT; COMMIT',
    );
    const result = walkFlow([ruleSet], anyTcp, forwarded('eth0', 'eth1'));
    expect(result).toMatchObject({
      decision: 'accept',
      packet: { destination: '10.9.9.9', destinationPort: 8080 },
      notes: ['destination rewritten to 10.9.9.9:8080'],
      uncertainties: [],
    });
  });

  test('a connection that is established is not shown to nat', () => {
    const ruleSet = save('*nat; :PREROUTING ACCEPT [0:0]; -A PREROUTING -j DNAT --to-destination 10.9.9.9; COMMIT');
    expect(walkHook([ruleSet], { ...anyTcp, ctState: 'ESTABLISHED' }, 'PREROUTING').packet.destination).toBe(
      anyTcp.destination,
    );
  });

  test('a range of new addresses is a guess, and the walk says so', () => {
    const ruleSet = save(
      '*nat; :PREROUTING ACCEPT [0:0]; -A PREROUTING -j DNAT --to-destination 10.9.9.1-10.9.9.4; COMMIT',
    );
    expect(walkHook([ruleSet], anyTcp, 'PREROUTING')).toMatchObject({
      decision: 'accept',
      uncertainties: [{ why: 'the kernel chooses one address of a range' }],
    });
  });

  test('masquerade takes the address of the interface of exit', () => {
    const ruleSet = save('*nat; :POSTROUTING ACCEPT [0:0]; -A POSTROUTING -o eth1 -j MASQUERADE; COMMIT');
    const local = { node: { localAddresses: [{ address: '192.0.2.1', interface: 'eth1' }] } };
    expect(walkHook([ruleSet], anyTcp, 'POSTROUTING', local)).toMatchObject({
      packet: { source: '192.0.2.1' },
      uncertainties: [],
    });
    expect(walkHook([ruleSet], anyTcp, 'POSTROUTING').uncertainties).toHaveLength(1);
  });

  test('the reverse path check is asked of the caller', () => {
    const ruleSet = save(
      '*raw; :PREROUTING ACCEPT [0:0]; -A PREROUTING -m rpfilter --validmark --invert -j DROP; COMMIT',
    );
    const decide = (reversePath: 'valid' | 'invalid' | null) =>
      walkHook([ruleSet], anyTcp, 'PREROUTING', { node: { reversePath } }).decision;
    expect([decide('valid'), decide('invalid'), decide(null)]).toEqual(['accept', 'drop', 'unknown']);
  });

  test('a hook without chains accepts the packet', () => {
    expect(walkHook([], anyTcp, 'FORWARD')).toMatchObject({ decision: 'accept', rule: null, owner: null });
  });
});
