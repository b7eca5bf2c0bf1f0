import { describe, expect, test } from '@jest/globals';
import type { NodeRuleSets } from '../../../src/model/flow-walk.ts';
import type { Link } from '../../../src/model/network.ts';
import type { RuleSet } from '../../../src/model/ruleset/rules.ts';
import { parseIpLinks } from '../../../src/probes/parse/ip-links.ts';
import { dataplaneOf } from '../../../src/ruleset/felix/dataplane.ts';
import { parseIptablesSave } from '../../../src/ruleset/iptables/save.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { readCapture } from '../../cases/capture.ts';

const read = (capture: string, file: string) => readCapture(capture).text(file) ?? '';
const legacyOf = (capture: string) =>
  parseIptablesSave(read(capture, 'n1/iptables-legacy-save-c.txt'), { backend: 'iptables-legacy', counted: true });
const nftOf = (text: string) => parseIptablesSave(text, { backend: 'iptables-nft', counted: true });
const linksOf = (capture: string) => parseIpLinks(read(capture, 'n1/ip-j-d-addr.txt'));
const rulesets = (...ruleSets: readonly RuleSet[]): NodeRuleSets => ({ node: 'n1', ruleSets, at: '' });
const plane = (links: readonly Link[], ...ruleSets: readonly RuleSet[]) =>
  dataplaneOf('n1', links, rulesets(...ruleSets)).dataplane;

const bpfLinks = linksOf('healthy-bpf');
const plainLinks = linksOf('healthy-legacy');
const healthy = legacyOf('healthy-legacy');
const bpf = legacyOf('healthy-bpf');
const stray = (rule: string) => nftOf(`*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD ${rule}\nCOMMIT\n`);
const seenMark =
  '-i cali+ -m comment --comment "cali:NnQ109Z-tVFkJGc1" -m comment --comment "From workload without BPF seen mark" -m mark ! --mark 0x1000000/0x1000000 -j DROP';

describe('each dataplane, as real Felix leaves a node', () => {
  test.each<[string, readonly Link[], RuleSet, string]>([
    ['iptables-legacy', plainLinks, healthy, 'iptables-legacy'],
    ['iptables-nft', linksOf('healthy-nft'), nftOf(read('healthy-nft', 'n1/iptables-nft-save-c.txt')), 'iptables-nft'],
    [
      'nftables',
      linksOf('healthy-nftables'),
      parseNftJson(read('healthy-nftables', 'n1/nft-list-ruleset-json.txt')),
      'nftables',
    ],
    ['eBPF beside iptables-legacy', bpfLinks, bpf, 'ebpf'],
    [
      'eBPF beside iptables-nft',
      bpfLinks,
      nftOf(read('rules-of-other-backends-bpf', 'iptables-nft-save-c.txt')),
      'ebpf',
    ],
    [
      'eBPF beside nftables',
      bpfLinks,
      parseNftJson(read('rules-of-other-backends-bpf', 'nft-j-list-ruleset-nftables-mode.txt')),
      'ebpf',
    ],
  ])('%s', (_, links, ruleSet, expected) => {
    expect(plane(links, ruleSet)).toBe(expected);
  });

  test('eBPF without its pair of devices, which an option takes away', () => {
    expect(plane(plainLinks, bpf)).toBe('ebpf');
  });
  test('eBPF where the packet filters could not be read', () => {
    expect(dataplaneOf('n1', bpfLinks, null).dataplane).toBe('ebpf');
  });
});

describe('one sign alone does not prove eBPF', () => {
  test.each<[string, readonly Link[], readonly RuleSet[], string | null]>([
    ['a rule of eBPF mode left on a node of iptables', plainLinks, [healthy, stray(seenMark)], 'iptables-legacy'],
    [
      'every rule of eBPF mode left in the other backend',
      plainLinks,
      [healthy, nftOf(read('rules-of-other-backends-bpf', 'iptables-nft-save-c.txt'))],
      'iptables-legacy',
    ],
    ['its devices left on a node of iptables', bpfLinks, [healthy], 'iptables-legacy'],
    ['one rule on a node without pods', plainLinks, [stray(seenMark)], null],
    [
      'somebody else who writes the same words',
      plainLinks,
      [
        nftOf(
          '*filter\n:FORWARD ACCEPT [0:0]\n[0:0] -A FORWARD -m comment --comment "From workload without BPF seen mark" -j DROP\n[0:0] -A FORWARD -m comment --comment "Pre-approved by BPF programs." -j ACCEPT\nCOMMIT\n',
        ),
      ],
      null,
    ],
    ['one of the two devices', bpfLinks.filter(({ name }) => name !== 'bpfin.cali'), [], null],
    ['nothing at all', plainLinks, [], null],
  ])('%s', (_, links, ruleSets, expected) => {
    expect(plane(links, ...ruleSets)).toBe(expected);
  });
});

describe("Calico's configuration counts beside a sign of the node", () => {
  test.each<[string, readonly Link[], readonly RuleSet[], boolean | null, string | null]>([
    ['one rule, and bpfEnabled', plainLinks, [stray(seenMark)], true, 'ebpf'],
    ['one rule, and not bpfEnabled', plainLinks, [stray(seenMark)], false, null],
    ['one rule, and nobody asked', plainLinks, [stray(seenMark)], null, null],
    ['no sign, and bpfEnabled: Felix fell back', plainLinks, [healthy], true, 'iptables-legacy'],
    ['no sign and no pod, and bpfEnabled', plainLinks, [], true, null],
    ['one rule beside chains of pods, and bpfEnabled', plainLinks, [healthy, stray(seenMark)], true, 'iptables-legacy'],
  ])('%s', (_, links, ruleSets, isEnabled, expected) => {
    expect(dataplaneOf('n1', links, rulesets(...ruleSets), isEnabled).dataplane).toBe(expected);
  });
});

test('names every sign', () => {
  expect(dataplaneOf('n1', bpfLinks, rulesets(bpf)).signs).toEqual([
    'devices bpfin.cali and bpfout.cali',
    'Felix\'s rules of eBPF mode: "Pre-approved by BPF programs.", "From workload without BPF seen mark", "To workload, check workload is known.", "Accept packets from flows that pre-date BPF."',
    'no chain of a pod in the packet filters',
  ]);
});
