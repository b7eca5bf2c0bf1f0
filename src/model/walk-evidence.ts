import type { Evidence } from './evidence.ts';
import type { PacketWalk } from './flow-walk.ts';

/** By the backend of the ending rule: words of the command that printed it. */
const readers = {
  'iptables-legacy': 'iptables-legacy-save',
  'iptables-nft': 'iptables-nft-save',
  nftables: 'nft ',
  ebpf: 'policy dump',
} as const;

/** The ending rule in its chain, with the reader that printed it. */
export function walkEvidence(walk: PacketWalk, read: readonly Evidence[]): readonly Evidence[] {
  const reader = readers[walk.result.rule?.backend ?? 'nftables'];
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
