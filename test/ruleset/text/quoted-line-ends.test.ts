import { describe, expect, test } from '@jest/globals';
import { parseIpset } from '../../../src/ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseChainDevices } from '../../../src/ruleset/nft/chain-devices.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from '../rules-of.ts';

/** As iptables-legacy-save 1.8.9 prints them: texts of people in quotes, names as they are. */
const save = (...rules: string[]) =>
  [
    '*filter',
    ':INPUT ACCEPT [0:0]',
    ':FORWARD ACCEPT [0:0]',
    ':OUTPUT ACCEPT [0:0]',
    ':a"b - [0:0]',
    ':"c - [0:0]',
    ...rules,
    'COMMIT',
    '# Completed',
    '',
  ].join('\n');
const read = (...rules: string[]) => parseIptablesSave(save(...rules), { counted: true });
const decide = (...rules: string[]) => walkHook([read(...rules)], anyTcp, 'FORWARD');
const accepts = '[0:0] -A FORWARD -j ACCEPT';
const drops = '[5:300] -A FORWARD -d 10.0.0.2/32 -j DROP';

describe('what stands in a comment is never a rule', () => {
  test.each([
    ['a rule', `[5:300] -A FORWARD -d 10.0.0.2/32 -m comment --comment "x\n${accepts}" -j DROP`],
    [
      'a rule and a quote that opens again',
      `[5:300] -A FORWARD -d 10.0.0.2/32 -m comment --comment "he\\"l\\\\lo\n${accepts}\n[0:0] -A FORWARD -m comment --comment \\"" -j DROP`,
    ],
    [
      'the end of the table',
      `[5:300] -A FORWARD -d 10.0.0.2/32 -m comment --comment "x\nCOMMIT\n*filter\n:FORWARD ACCEPT [0:0]\n${accepts}" -j DROP`,
    ],
    ['the prefix of a log', `[0:0] -A FORWARD -j LOG --log-prefix "x\n${accepts}"\n${drops}`],
  ])('%s', (_, rule) => {
    const result = decide(rule);
    expect([result.decision, result.uncertainties]).toEqual(['drop', []]);
    expect(result.rule?.text).toMatch(/-j DROP$/);
    expect(result.rule?.text).not.toMatch(/\n/);
    expect(result.rule?.comments.join('')).not.toMatch(/\n/);
  });

  test('the comment has the line end as a picture, everything else as it was', () => {
    const [rule] =
      read('[5:300] -A FORWARD -m comment --comment "a\nb \\"c\\"" -j DROP').tables[0]?.chains[1]?.rules ?? [];
    expect(rule).toMatchObject({
      comments: ['a␊b "c"'],
      text: '-A FORWARD -m comment --comment "a␊b \\"c\\"" -j DROP',
      counters: { packets: 5, bytes: 300 },
    });
  });

  test('a quote that never closes leaves everything behind it unknown', () => {
    const result = decide(accepts.replace('-j', '-m comment --comment "x -j'), drops);
    expect(result.decision).toBe('unknown');
    expect(result.uncertainties).toContainEqual({
      rule: expect.stringContaining('--comment "x'),
      why: 'a quote in the line is never closed',
    });
  });
});

describe('names are printed as they are: what a line end or a quote in one hides is unknown, never passed over', () => {
  test.each([
    [
      'the chain of a jump starts with a quote',
      '[0:0] -A FORWARD -j "c',
      drops,
      '[0:0] -A FORWARD -m comment --comment "x" -j ACCEPT',
    ],
    [
      'a list of recent',
      '[0:0] -A FORWARD -m recent --set --name a',
      `${accepts} --mask 255.255.255.255 --rsource -j DROP`,
    ],
    [
      'the chain of a jump starts with a quote, in a rule that would miss',
      '[0:0] -A FORWARD -s 198.18.0.1/32 -j "c',
      drops,
      '[0:0] -A FORWARD -m comment --comment " x" -j ACCEPT',
    ],
    [
      'the name of a set starts with a quote',
      '[0:0] -A FORWARD -m set --match-set "s src -j RETURN',
      drops,
      '[0:0] -A FORWARD -m comment --comment " x" -j ACCEPT',
    ],
    ['a second target', `${accepts} --mask 255.255.255.255 --rsource -j DROP`],
    [
      'a list of recent, each line a rule of its own',
      '[0:0] -A FORWARD -m recent --set --name a',
      accepts,
      '[0:0] -A FORWARD -m recent --set --name b --mask 255.255.255.255 --rsource -j DROP',
    ],
    ['a set', '[0:0] -A FORWARD -m set --match-set x', '[0:0] -A FORWARD -j ACCEPT src -j DROP'],
  ])('%s', (_, ...rules) => {
    const { decision, uncertainties } = decide(...rules);
    expect(decision).toBe('unknown');
    expect(uncertainties.map(({ why }) => why)).toContain(
      'the line is not a rule as iptables prints one: what it says cannot be trusted',
    );
  });

  test('an interface: with counters read, a line without them is not a rule', () => {
    const { decision, uncertainties } = decide('[0:0] -A FORWARD -i e', '-A INPUT -j DROP', drops);
    expect([decision, uncertainties]).toEqual([
      'drop',
      [{ rule: '-A INPUT -j DROP', why: 'the line does not belong to a save' }],
    ]);
  });

  test('a quote inside of a name opens nothing', () => {
    const result = decide(
      '[0:0] -A FORWARD -j a"b',
      '[0:0] -A a"b -p udp -j ACCEPT',
      '[0:0] -A "c -p udp -j ACCEPT',
      drops,
    );
    expect([result.decision, result.rule?.index, result.uncertainties]).toEqual(['drop', 2, []]);
  });
});

describe('other programs', () => {
  test('ipset takes no backslash for an escape, and a comment may hold a whole command', () => {
    const { sets, uncertainties } = parseIpset(
      'create foo hash:ip family inet comment\nadd foo 10.0.0.1 comment "a\\"\nadd foo 10.0.0.2 comment "x\nadd foo 10.0.0.9\ndestroy"\nadd foo 10.0.0.3\n',
    );
    expect(sets[0]?.elements?.map(({ parts }) => (parts[0]?.kind === 'net' ? parts[0].from : null))).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
    ]);
    expect(uncertainties).toEqual([]);
  });

  test('the name of a set that holds a line end makes no other set', () => {
    const { sets, uncertainties } = parseIpset('create x\nadd y hash:ip family inet\ncreate y hash:ip family inet\n');
    expect(sets.map(({ name, elements }) => [name, elements])).toEqual([['y', []]]);
    expect(uncertainties).toHaveLength(2);
  });

  test('a quote that never closes in sets leaves their members unread', () => {
    expect(
      parseIpset('create foo hash:ip comment\nadd foo 10.0.0.1\nadd foo 10.0.0.2 comment "x\nadd foo 10.0.0.3\n')
        .sets[0]?.elements,
    ).toBeNull();
  });

  test('the name of a set that holds blanks makes no other set either', () => {
    const { sets, uncertainties } = parseIpset('create a b\nadd y hash:ip family inet\n');
    expect([sets, uncertainties.length]).toEqual([[], 2]);
  });

  test("a chain's comment says nothing of devices", () => {
    const lie = `x\n\t}\n\tchain c {\n\t\t${says('eth9')}`;
    const first = `\tchain c {\n\t\t${says('"eth0"')}\n\t}\n`;
    const second = `\tchain d {\n\t\tcomment "${lie}"\n\t\t${says('"eth1"')}\n\t}\n`;
    const devices = parseChainDevices(`table netdev t {\n${first}${second}}\n`);
    expect([...devices.values()]).toEqual([['eth0'], ['eth1']]);
  });
});

/** The head of a chain that belongs to a device. */
function says(device: string): string {
  return `type filter hook ingress device ${device} priority filter; policy drop;`;
}
