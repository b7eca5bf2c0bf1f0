import type { Evidence } from './evidence.ts';
import type { PacketWalk } from './flow-walk.ts';

/** The ending rule in its chain, with the reader that printed it. */
export function walkEvidence(walk: PacketWalk, read: readonly Evidence[]): readonly Evidence[] {
  const reader =
    walk.result.rule?.backend === 'iptables-legacy'
      ? 'iptables-legacy-save'
      : walk.result.rule?.backend === 'iptables-nft'
        ? 'iptables-nft-save'
        : 'nft ';
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
