import { describe, expect, test } from '@jest/globals';
import { parseChainList } from '../../../src/ruleset/nft/chain-list.ts';

const base = (type: string) =>
  parseChainList(`table ip t {\n\tchain c {\n\t\t${type} policy accept;\n\t}\n}\n`)[0]?.base ?? null;

describe('nft list chains', () => {
  test('of several tables, as nft 1.0.6 prints them', () => {
    const text = [
      'table ip filter {',
      '\tchain FORWARD {',
      '\t\ttype filter hook forward priority filter; policy accept;',
      '\t}',
      '\tchain other {',
      '\t}',
      '}',
      'table netdev fw {',
      '\tchain in {',
      '\t\ttype filter hook ingress device "eth0" priority -500; policy drop;',
      '\t}',
      '}',
      '',
    ].join('\n');
    expect(parseChainList(text)).toEqual([
      {
        family: 'ip',
        table: 'filter',
        name: 'FORWARD',
        base: { type: 'filter', hook: 'forward', priority: 0, devices: [] },
      },
      { family: 'ip', table: 'filter', name: 'other', base: null },
      {
        family: 'netdev',
        table: 'fw',
        name: 'in',
        base: { type: 'filter', hook: 'ingress', priority: -500, devices: ['eth0'] },
      },
    ]);
  });
  test.each<[string, number | null]>([
    ['filter', 0],
    ['filter - 5', -5],
    ['srcnat + 1', 101],
    ['raw', -300],
    ['-150', -150],
    ['toString', null],
    ['soon', null],
  ])('priority %s', (words, priority) => {
    expect(base(`type filter hook forward priority ${words};`)?.priority).toBe(priority);
  });
  test.each(['', 'Error: syntax error', 'table ip', '\tchain c {\n\t}\n', 'table ip filter {\n\tchain'])(
    'nothing is made of %j',
    (text) => expect(parseChainList(text)).toEqual([]),
  );
});
