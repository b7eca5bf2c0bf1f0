import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Match } from '../../../src/model/ruleset/matches.ts';
import { leftOutTable, parseIptablesSave, type LeftOut } from '../../../src/ruleset/iptables/save.ts';
import { printIptablesSave } from '../../../src/ruleset/iptables/print-save.ts';
import { captured, capturedSaves } from '../captured.ts';
import { cases } from '../kernel/cases.ts';
import { filterTable } from '../rules-of.ts';

describe('parsing an iptables save', () => {
  test('understands every rule of every capture', () => {
    expect(capturedSaves.length).toBeGreaterThan(50);
    for (const path of capturedSaves) {
      const text = captured(path);
      const { tables, uncertainties, cutOff, backend } = parseIptablesSave(text);
      const rules = tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules));
      expect({ path, count: rules.length, uncertainties, cutOff }).toEqual({
        path,
        count: text.match(/^\[\d+:\d+\] -A /gm)?.length ?? 0,
        uncertainties: [],
        cutOff: false,
      });
      // Where no table is in use, the reader prints nothing at all.
      if (tables.length > 0) expect(backend).toBe(path.includes('iptables-nft') ? 'iptables-nft' : 'iptables-legacy');
      expect(
        rules.flatMap(({ matches, actions }) => [...matches, ...actions]).filter(({ kind }) => kind === 'unknown'),
      ).toEqual([]);
    }
  });

  test.each(capturedSaves)('gives back %s as it was parsed', (path) => {
    const parsed = parseIptablesSave(captured(path));
    expect(parseIptablesSave(printIptablesSave(parsed))).toEqual(parsed);
  });

  test('parse and print are inverse for random rules', () => {
    fc.assert(
      fc.property(cases({ 's-net': 1 }), ({ slots }) => {
        const chains = slots.flatMap(({ chains: lists }, slot) =>
          lists.map((rules, at) => ({ name: `c${slot}-${at}`, rules })),
        );
        const text = [
          '*filter',
          ':INPUT DROP [3:4]',
          ...chains.map(({ name }) => `:${name} - [0:0]`),
          ...chains.flatMap(({ name, rules }) => rules.map((rule) => `[1:2] -A ${name} ${rule}`)),
          'COMMIT',
        ].join('\n');
        const parsed = parseIptablesSave(text);
        expect(parsed.uncertainties).toEqual([]);
        expect(parseIptablesSave(printIptablesSave(parsed))).toEqual(parsed);
      }),
    );
  });

  test('keeps quoted text whole', () => {
    const [rule] =
      filterTable([
        '-A FORWARD -m comment --comment "it\\\'s \\"x\\" -j DROP" -j LOG --log-prefix "-A a: " --log-level 5',
      ]).tables[0]?.chains[1]?.rules ?? [];
    expect(rule).toMatchObject({ comments: ['it\'s "x" -j DROP'], actions: [{ kind: 'log' }], matches: [], tag: null });
  });

  test('reads counters, policies and tags', () => {
    const { tables } = parseIptablesSave(
      '*filter\n:FORWARD DROP [7:420]\n:cali-x - [0:0]\n[3:180] -A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-x\nCOMMIT\n',
    );
    expect(tables[0]?.chains[0]).toMatchObject({
      base: { hook: 'FORWARD', priority: 0, policy: 'drop' },
      counters: { packets: 7, bytes: 420 },
      rules: [
        {
          index: 1,
          counters: { packets: 3, bytes: 180 },
          tag: 'wUHhoiAYhphO9Mso',
          actions: [{ kind: 'jump', chain: 'cali-x' }],
        },
      ],
    });
  });

  test.each<[string, Partial<Match>]>([
    ['-m recent --rcheck --name x --rsource', { kind: 'unknown', why: 'state of the recent list is not in a save' }],
    [
      '-m statistic --mode random --probability 0.5',
      { kind: 'unknown', why: 'it chooses packets at random or by count' },
    ],
    ['-m frobnicate --hard', { kind: 'unknown', why: 'the match "frobnicate" is not understood' }],
    ['-m owner ! --uid-owner 0', { kind: 'unknown', why: 'which process sent the packet is not known' }],
    ['-p 250', { kind: 'protocol', protocols: [250] }],
    ['! -s 10.0.0.0/8', { kind: 'address', negated: true, ranges: [{ from: '10.0.0.0', to: '10.255.255.255' }] }],
    ['-d 10.0.0.1/255.0.0.255', { kind: 'masked-address', side: 'destination' }],
    ['-m mark ! --mark 0x1/0x3', { kind: 'mark', negated: true, value: 1, mask: 3 }],
    ['-m rpfilter --validmark --invert', { kind: 'reverse-path', negated: true }],
    ['-m set ! --match-set x src,dst', { kind: 'set', set: 'x', directions: ['src', 'dst'], negated: true }],
  ])('%s', (text, match) => {
    const [rule] = filterTable([`-A FORWARD ${text} -j DROP`]).tables[0]?.chains[1]?.rules ?? [];
    expect(rule?.matches.at(-1)).toMatchObject(match);
  });

  // iptables/xtables-save.c: 1.8.2 to 1.8.11, and what 1.8.3 to 1.8.9 print before the rules of a chain.
  test.each<[string, LeftOut | null]>([
    ["# Table `filter' is incompatible, use 'nft' tool.", { name: 'filter', is: 'refused' }],
    [
      "# Table `nat' contains incompatible base-chains, use 'nft' tool to list them.",
      { name: 'nat', is: 'base-chains' },
    ],
    ['# Warning: iptables-legacy tables present, use iptables-legacy-save to see them', null],
    ['# Completed on Thu Nov 26 00:49:07 2026', null],
  ])('%s', (line, expected) => {
    expect(leftOutTable(line)).toEqual(expected);
    const { uncertainties } = parseIptablesSave(`${line}\n`);
    expect(uncertainties.some(({ unwalked }) => unwalked)).toBe(expected !== null);
  });

  test('says what is cut off, strange or warned about', () => {
    const cut = parseIptablesSave('*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -j DR');
    expect(cut).toMatchObject({
      cutOff: true,
      uncertainties: [{ rule: '*filter', why: 'the save ends before the table does' }],
    });
    // iptables-nft-save without the right to open a raw socket ends so, at the first rule that asks a set.
    const half = parseIptablesSave(
      '*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -p 47 -j DROP\n-A FORWARD -p tcp -m set',
    );
    expect(half.cutOff).toBe(true);
    expect(half.tables[0]?.chains[0]?.rules.map(({ text }) => text)).toEqual(['-A FORWARD -p 47 -j DROP']);
    const strange = parseIptablesSave(
      "# Table `nat' is incompatible, use 'nft' tool.\n# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\nls: cannot access\n",
    );
    expect(strange.uncertainties.map(({ why }) => why)).toEqual([
      'the table holds what iptables cannot print',
      'the reader warns that its answer is not all there is',
      'the line does not belong to a save',
    ]);
    expect(parseIptablesSave('*filter\n:FORWARD ACCEPT [0:0]\n-A gone -j DROP\nCOMMIT\n').uncertainties).toHaveLength(
      1,
    );
  });
});
