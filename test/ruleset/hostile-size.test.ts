import { describe, expect, test } from '@jest/globals';
import { addressRange } from '../../src/model/addresses.ts';
import { parseIpset } from '../../src/ruleset/sets/ipset.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { parseChainDevices } from '../../src/ruleset/nft/chain-devices.ts';
import { parseNftJson } from '../../src/ruleset/nft/listing.ts';
import { rewriteAddress } from '../../src/ruleset/walk/rewrite-address.ts';
import { parseSelector } from '../../src/policy/selector.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from './rules-of.ts';
import { computedMs, excess } from '../support/yardsticks.ts';
import { fill, many, through } from './worst-text.ts';

const tooMuch = (work: () => void) => excess(() => computedMs(work));

const save = (chains: string, rules: string) => `*filter\n:FORWARD ACCEPT [0:0]\n${chains}${rules}\nCOMMIT\n`;
const rule = (text: string) => save('', `-A FORWARD ${text}`);

describe('saves of iptables, worst of a megabyte each, cost as much as its size', () => {
  test.each<[string, () => string]>([
    ['one long word', () => fill('x')],
    ['blanks', () => fill(' ')],
    ['quotes', () => rule(fill('"'))],
    ['quotes apart', () => rule(fill(' "'))],
    ['backslashes', () => rule(`-m comment --comment "${fill('\\')}`)],
    ['escaped quotes', () => rule(`-m comment --comment "${fill('\\"')}" -j DROP`)],
    [
      'a quote inside of names',
      () =>
        save(
          '',
          many(50_000, (at) => `-A FORWARD -j a"${at}`),
        ),
    ],
    [
      'open quotes',
      () =>
        save(
          '',
          many(30_000, () => '-A FORWARD -m comment --comment "x'),
        ),
    ],
    ['an interface without end', () => rule(`-i ${fill('e')} -j DROP`)],
    ['modules', () => rule(many(100_000, () => '-m tcp').replaceAll('\n', ' '))],
    ['sources', () => rule(many(50_000, (at) => `-s 10.0.${at % 250}.1`).replaceAll('\n', ' '))],
    [
      'ports in one list',
      () =>
        rule(
          `-p tcp -m multiport --dports ${many(100_000, (at) => String((at % 60_000) + 100)).replaceAll('\n', ',')} -j DROP`,
        ),
    ],
    ['digits', () => rule(`-p tcp -m tcp --dport ${fill('1')} -j DROP`)],
    ['counters', () => save('', `[${fill('1')}:1] -A FORWARD -j DROP`)],
    ['brackets', () => fill('[0:0] ')],
    ['slashes', () => rule(`-s ${fill('/')} -j DROP`)],
    ['colons', () => rule(`-j DNAT --to-destination ${fill(':')}x`)],
    ['marks', () => rule(`-m mark --mark 0x${fill('1')} -j DROP`)],
    ['states', () => rule(`-m conntrack --ctstate ${fill('A,')} -j DROP`)],
    ['chains', () => save(`${many(60_000, (at) => `:c${at} - [0:0]`)}\n`, '-A FORWARD -j c59999')],
    [
      'jumps into each other',
      () =>
        save(
          `${many(20_000, (at) => `:c${at} - [0:0]`)}\n`,
          `-A FORWARD -j c0\n${many(20_000, (at) => `-A c${at} -j c${(at + 1) % 20_000}`)}`,
        ),
    ],
    ['tables', () => many(60_000, (at) => `*t${at}\nCOMMIT`)],
    ['lines without a meaning', () => many(200_000, () => 'xyz')],
    [
      'comments on comments',
      () => rule(`${many(30_000, () => '-m comment --comment "Start of tier x"').replaceAll('\n', ' ')} -j DROP`),
    ],
    [
      'rules that nobody can decide',
      () =>
        save(
          '',
          many(15_000, () => '-A FORWARD -m recent --rcheck --name x --rsource -j DROP'),
        ),
    ],
    [
      'rules that mark',
      () =>
        save(
          '',
          many(30_000, () => '-A FORWARD -j MARK --set-xmark 0x1/0x1'),
        ),
    ],
    [
      'marks after one that nobody can decide',
      () =>
        save(
          '',
          `-A FORWARD -m recent --rcheck --name x --rsource -j MARK --set-xmark 0x2/0x2\n${many(20_000, () => '-A FORWARD -j MARK --set-xmark 0x1/0x1')}`,
        ),
    ],
    [
      'groups of policies that call each other',
      () =>
        save(
          ':cali-gi-x - [0:0]\n',
          many(20_000, () => '-A cali-gi-x -j cali-gi-x'),
        ),
    ],
    [
      'endpoints that lead to one policy',
      () =>
        save(
          `:cali-pi-x - [0:0]\n${many(5_000, (at) => `:cali-tw-${at} - [0:0]`)}\n`,
          many(15_000, (at) => `-A cali-tw-${at % 5_000} -j cali-pi-x`),
        ),
    ],
  ])('%s', (_, make) => {
    const text = make();
    expect(tooMuch(() => through(parseIptablesSave(text)))).toBeNull();
  });

  test('thousands of rules that ask one set of a hundred thousand', () => {
    const { sets } = parseIpset(
      `create s hash:ip family inet\n${many(100_000, (at) => `add s 10.${(at >> 16) + 1}.${(at >> 8) & 255}.${at & 255}`)}\n`,
    );
    const text = save(
      '',
      many(5_000, () => '-A FORWARD -m set --match-set s src -j DROP'),
    );
    expect(sets[0]?.elements).toHaveLength(100_000);
    expect(tooMuch(() => through({ ...parseIptablesSave(text), sets }))).toBeNull();
  });
});

const list = (objects: readonly object[]) =>
  JSON.stringify({
    nftables: [
      { table: { family: 'inet', name: 't' } },
      { chain: { family: 'inet', table: 't', name: 'c', type: 'filter', hook: 'forward', prio: 0, policy: 'accept' } },
      ...objects,
    ],
  });
const oneRule = (expr: unknown) => ({ rule: { family: 'inet', table: 't', chain: 'c', handle: 1, expr } });
const deep = (open: string, close: string, depth: number) =>
  `{"nftables":[{"table":{"family":"inet","name":"t"}},{"chain":{"family":"inet","table":"t","name":"c","type":"filter","hook":"forward","prio":0,"policy":"accept"}},{"rule":{"family":"inet","table":"t","chain":"c","handle":1,"expr":[${open.repeat(depth)}1${close.repeat(depth)},{"drop":null}]}}]}`;

describe('answers of nft', () => {
  const saddr = { payload: { protocol: 'ip', field: 'saddr' } };

  test.each<[string, () => string]>([
    ['brackets in brackets', () => deep('[', ']', 400_000)],
    ['objects in objects', () => deep('{"|":[1,', ']}', 100_000)],
    [
      'one rule with a hundred thousand elements',
      () =>
        list([
          oneRule([
            {
              match: {
                op: '==',
                left: saddr,
                right: { set: Array.from({ length: 100_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`) },
              },
            },
            { drop: null },
          ]),
        ]),
    ],
    [
      'one map with as many',
      () =>
        list([
          oneRule([
            {
              vmap: {
                key: saddr,
                data: {
                  set: Array.from({ length: 25_000 }, (_, at) => [`10.9.${at >> 8}.${at & 255}`, { drop: null }]),
                },
              },
            },
          ]),
        ]),
    ],
    ['tables', () => list(Array.from({ length: 20_000 }, (_, at) => ({ table: { family: 'ip', name: `t${at}` } })))],
    [
      'base chains',
      () =>
        list(
          Array.from({ length: 10_000 }, (_, at) => ({
            chain: {
              family: 'ip',
              table: 't',
              name: `c${at}`,
              type: 'filter',
              hook: 'forward',
              prio: 0,
              policy: 'accept',
            },
          })),
        ),
    ],
    [
      'base chains of bridges',
      () =>
        `{"nftables":[{"table":{"family":"bridge","name":"t"}},${many(8_000, (at) => `{"chain":{"family":"bridge","table":"t","name":"c${at}","hook":"forward","prio":0,"policy":"drop"}},{"rule":{"family":"bridge","table":"t","chain":"c${at}","expr":[]}}`).replaceAll('\n', ',')}]}`,
    ],
    [
      'a comment',
      () =>
        list([
          {
            rule: { family: 'inet', table: 't', chain: 'c', handle: 1, comment: fill('cali:'), expr: [{ drop: null }] },
          },
        ]),
    ],
    [
      'separators in a comment',
      () =>
        list([
          { rule: { family: 'inet', table: 't', chain: 'c', handle: 1, comment: fill('; '), expr: [{ drop: null }] } },
        ]),
    ],
    ['a word', () => list([oneRule([{ match: { op: '==', left: saddr, right: fill('1.') } }, { drop: null }])])],
  ])('%s', (_, make) => {
    const text = make();
    expect(tooMuch(() => through(parseNftJson(text)))).toBeNull();
  });

  test('base chains without number end the walk as unknown', () => {
    const chain = { family: 'inet', table: 't', type: 'nat', hook: 'forward', prio: 0, policy: 'accept' };
    const ruleSet = parseNftJson(
      list(Array.from({ length: 30_000 }, (_, at) => ({ chain: { ...chain, name: `n${at}` } }))),
    );
    expect(walkHook([ruleSet], { ...anyTcp, ctState: 'ESTABLISHED' }, 'FORWARD').decision).toBe('unknown');
  });

  test('expressions that are nested too deep are undecided', () => {
    for (const text of [deep('[', ']', 2_000), deep('{"|":[1,', ']}', 2_000)])
      expect(walkHook([parseNftJson(text)], anyTcp, 'FORWARD').decision).toBe('unknown');
  });
});

describe('other texts of a node', () => {
  test.each<[string, () => void]>([
    [
      'sets of ipset',
      () => {
        for (const { elements } of parseIpset(
          many(18_000, (at) => `create s${at} hash:ip family inet\nadd s${at} 10.0.0.1`),
        ).sets)
          if (elements?.length !== 1) throw new Error('no element');
      },
    ],
    [
      'elements of one',
      () => {
        if (
          parseIpset(`create s hash:ip\n${many(50_000, (at) => `add s 10.0.${at >> 8}.${at & 255}`)}`).sets[0]?.elements
            ?.length !== 50_000
        )
          throw new Error('no elements');
      },
    ],
    ['quotes in ipset', () => parseIpset(`create s hash:ip\nadd s 1.1.1.1 ${fill('"')}`)],
    [
      'a list of sets that holds itself',
      () => {
        const { sets } = parseIpset(`create l list:set size 8\n${many(50_000, () => 'add l l')}`);
        through({ ...parseIptablesSave(rule('-m set --match-set l src -j DROP')), sets });
      },
    ],
    ['blanks in chains of nft', () => parseChainDevices(fill(' '))],
    ['devices', () => parseChainDevices(`\ttype filter hook ingress devices = { ${fill('a, ')}`)],
    ['words in chains of nft', () => parseChainDevices(`table ${fill('a ')}`)],
    ['a selector', () => parseSelector(fill("a == 'b' && "))],
    ['brackets in a selector', () => parseSelector(fill('('))],
    ['a label', () => parseSelector(`has(${fill('a')}`)],
    ['blanks in a selector', () => parseSelector(`a not${fill(' ')}on`)],
    ['refusals in a selector', () => parseSelector(`${fill('!')}all()`)],
    ['an address', () => addressRange(fill('1:'))],
    ['a mask', () => addressRange(`10.0.0.1/${fill('2')}`)],
    [
      'addresses to rewrite to',
      () =>
        rewriteAddress({ kind: 'dnat', to: `${fill(':')}x` }, anyTcp, 'PREROUTING', {
          localAddresses: null,
          reversePath: null,
        }),
    ],
  ])('%s', (_, work) => expect(tooMuch(work)).toBeNull());
});
