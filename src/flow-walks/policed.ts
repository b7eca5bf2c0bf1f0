import type { PacketWalk } from '../model/flow-walk.ts';

/** A walk that ends in a drop where policies or profiles of one of the flow's two endpoints judge it. */
export interface PolicedWalk {
  readonly walk: PacketWalk;
  readonly direction: 'ingress' | 'egress';
}

/** Replies are left out: they belong to a connection that was let through before. */
export function policedWalks(walks: readonly PacketWalk[]): readonly PolicedWalk[] {
  return walks.flatMap((walk): readonly PolicedWalk[] => {
    const { decision, owner, rule } = walk.result;
    if ((decision !== 'drop' && decision !== 'reject') || !owner || !rule) return [];
    const byNone =
      owner.kind === 'endpoint' && rule.comments.some((comment) => comment.endsWith('if no profiles matched'));
    if (owner.kind !== 'policy' && owner.kind !== 'tier-default' && owner.kind !== 'profile' && !byNone) return [];
    if (walk.leg === 'same-node') return owner.direction ? [{ walk, direction: owner.direction }] : [];
    if (walk.leg === 'target-ingress' && owner.direction === 'ingress') return [{ walk, direction: 'ingress' }];
    return walk.leg === 'source-egress' && owner.direction === 'egress' ? [{ walk, direction: 'egress' }] : [];
  });
}
