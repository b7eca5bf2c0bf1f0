import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import type { Denials } from '../../model/denial.ts';
import type { Flow } from '../../model/flow.ts';
import type { Leg, PacketWalk } from '../../model/flow-walk.ts';
import { isDenied } from '../../model/denied-walk.ts';

/**
 * Returns why walks without a drop do not rule one out: legs that were not walked, then legs whose end is not certain,
 * then parts of a packet filter that no walk reads.
 */
export function openLegs(flow: Flow, walks: readonly PacketWalk[]): Denials['open'] {
  const unwalked = legsOf(flow)
    .filter((leg) => !walks.some((walk) => walk.leg === leg))
    .map((leg) => ({ leg, why: `the packet could not be walked on its way (${leg})` }));
  const uncertain = walks.flatMap((walk) => {
    const { leg, node, result } = walk;
    if (result.decision === 'accept') return [];
    const [doubt] = result.uncertainties;
    if (!isDenied(walk))
      return [
        {
          leg,
          why:
            `where the packet ends on ${node} (${leg}) is not ` +
            `certain${doubt ? `: ${doubt.why} (${doubt.rule})` : ''}`,
        },
      ];
    return result.owner
      ? []
      : [{ leg, why: `whose the rule is that ends the packet on ${node} (${leg}) is not known` }];
  });
  // A part of a node's packet filter that no walk reads may end a packet which every walk lets through.
  const unread = walks.flatMap(({ leg, node, result }) =>
    result.uncertainties
      .filter((part) => part.unwalked)
      .map(({ why, rule }) => ({ leg, why: `${why} (${rule} on ${node})` })),
  );
  const elsewhere = walks.flatMap(({ leg, wayDoubt }) => (wayDoubt === null ? [] : [{ leg, why: wayDoubt }]));
  return [...unwalked, ...uncertain, ...elsewhere, ...unread];
}

/** The legs that every flow of its kind has; whether there is a tunnel, only its routes say. */
function legsOf(flow: Flow): readonly Leg[] {
  if (leavesCluster(flow)) return ['source-egress', 'reply-source-ingress'];
  if (!isCrossNode(flow)) return ['same-node', 'reply-same-node'];
  return flow.source.node === null
    ? ['target-ingress', 'reply-target-egress']
    : ['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'];
}
