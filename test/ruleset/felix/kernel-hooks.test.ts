import { describe, expect, test } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { hookDefects } from '../../../src/ruleset/felix/kernel-hooks.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { readCapture } from '../../cases/capture.ts';

const text = readCapture('healthy-legacy').text('n1/iptables-legacy-save-c.txt') ?? '';
const nftText = readCapture('healthy-nftables').text('n1/nft-list-ruleset-json.txt') ?? '';
const jump = /^.*-A FORWARD .*-j cali-FORWARD\n/m;
const closing = /^.*-A FORWARD .*Policy explicitly accepted packet.*\n/m;
const of = (save: string) => hookDefects([parseIptablesSave(save)]);
const words = (save: string) =>
  of(save).map(({ table, chain, flaw, rule }) => [table, chain, flaw, rule?.index ?? null].join(' '));
/** Every rule of one chain. */
const rulesOf = (chain: string) => new RegExp(`^\\[\\d+:\\d+\\] -A ${chain} .*\\n`, 'gm');
/** In one table only. */
function inTable(table: string, change: (body: string) => string): string {
  const start = text.indexOf(`*${table}\n`);
  const end = text.indexOf('COMMIT', start);
  return text.slice(0, start) + change(text.slice(start, end)) + text.slice(end);
}
const before = (pattern: RegExp, rule: string) => text.replace(pattern, (line) => `[0:0] ${rule}\n${line}`);

describe("where the kernel's chains do not lead through Calico's", () => {
  test.each(readdirSync(new URL('../../fixtures/captures', import.meta.url)).filter((name) => !name.includes('.')))(
    'nothing is missing in the capture %s',
    (name) => {
      for (const node of ['n1', 'n2']) {
        const capture = readCapture(name);
        const sets = ['iptables-legacy-save-c.txt', 'iptables-nft-save-c.txt'].flatMap((file) => {
          const save = capture.text(`${node}/${file}`);
          return save === null ? [] : [parseIptablesSave(save)];
        });
        const json = capture.text(`${node}/nft-list-ruleset-json.txt`);
        expect(hookDefects([...sets, ...(json === null ? [] : [parseNftJson(json)])])).toEqual([]);
      }
    },
  );

  test.each<[string, string, readonly string[]]>([
    ['no jump in FORWARD', text.replace(jump, ''), ['filter FORWARD jump ']],
    ['no closing rule', text.replace(closing, ''), ['filter FORWARD accept ']],
    [
      'a closing rule that returns, as IptablesFilterAllowAction has it: what stands behind decides',
      text.replace(closing, (line) => line.replace('-j ACCEPT', '-j RETURN')),
      [],
    ],
    ['an empty chain', text.replaceAll(rulesOf('cali-FORWARD'), ''), ['filter FORWARD empty ']],
    ...(['INPUT', 'OUTPUT'] as const).map((chain): [string, string, readonly string[]] => [
      `no jump in ${chain}`,
      inTable('filter', (body) => body.replace(new RegExp(`^.*-A ${chain} .*-j cali-${chain}\\n`, 'm'), '')),
      [`filter ${chain} jump `],
    ]),
    ...(
      [
        ['raw', 'PREROUTING'],
        ['mangle', 'PREROUTING'],
        ['nat', 'POSTROUTING'],
      ] as const
    ).map(([table, chain]): [string, string, readonly string[]] => [
      `no jump in ${table}`,
      inTable(table, (body) => body.replace(new RegExp(`^.*-A ${chain} .*-j cali-${chain}\\n`, 'm'), '')),
      [`${table} ${chain} jump `],
    ]),
    [
      'the filter table flushed and its chains deleted',
      inTable('filter', () => '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n'),
      ['filter INPUT gone ', 'filter FORWARD gone ', 'filter OUTPUT gone '],
    ],
    ['a foreign rule that accepts everything first', before(jump, '-A FORWARD -j ACCEPT'), ['filter FORWARD behind 1']],
    [
      'a foreign rule that rejects everything before the closing rule',
      before(closing, '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'),
      ['filter FORWARD late-accept 2'],
    ],
    ['a foreign rule that asks something', before(jump, '-A FORWARD -i docker0 -j ACCEPT'), []],
    ['a foreign chain that is left again', before(jump, '-A FORWARD -j DOCKER-USER'), []],
  ])('%s', (_, save, expected) => {
    expect(words(save)).toEqual(expected);
  });

  test('chains that an earlier Felix left in the other backend do not count if the ones in use are whole', () => {
    const left = parseIptablesSave(
      text.replaceAll(/^.*-A (?:INPUT|FORWARD|OUTPUT|PREROUTING|POSTROUTING) .*\n/gm, ''),
      {
        backend: 'iptables-nft',
      },
    );
    expect(hookDefects([left, parseIptablesSave(text)])).toEqual([]);
    expect(hookDefects([left, parseNftJson(nftText)])).toEqual([]);
    expect(hookDefects([left]).length).toBeGreaterThan(5);
  });

  test('in eBPF mode no chain leads into such chains', () => {
    const bpf = inTable(
      'filter',
      () =>
        '*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -m comment --comment "cali:umcmOn0WnTNOKJrp" -m comment --comment "Pre-approved by BPF programs." -m mark --mark 0x3000000/0x3000000 -j ACCEPT\n',
    );
    expect(words(bpf)).toEqual([]);
  });

  test('without Calico there is nothing to miss', () => {
    expect(of('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n')).toEqual([]);
    expect(hookDefects([])).toEqual([]);
  });
});
