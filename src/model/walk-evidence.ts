import type { Evidence } from './evidence.ts';
import type { PacketWalk } from './flow-walk.ts';
import type { RuleRef } from './ruleset/walk.ts';

/** Words of the command that printed a rule. */
function readerOf(rule: RuleRef | null): string {
  const save = rule?.family === 'ip6' ? 'ip6tables' : 'iptables';
  switch (rule?.backend) {
    case 'iptables-legacy':
      return `${save}-legacy-save`;
    case 'iptables-nft':
      return `${save}-nft-save`;
    case 'ebpf':
      return 'policy dump';
    default:
      return 'nft ';
  }
}

/** The ending rule in its chain, with the reader that printed it. */
export function walkEvidence(walk: PacketWalk, read: readonly Evidence[]): readonly Evidence[] {
  const reader = readerOf(walk.result.rule);
  const source = read.find((evidence) => evidence.node === walk.node && evidence.command.includes(reader));
  return [
    {
      command: source?.command ?? reader,
      node: walk.node,
      at: source?.at ?? '',
      excerpt: walk.shown.join('\n'),
      file: source?.file ?? null,
    },
  ];
}
