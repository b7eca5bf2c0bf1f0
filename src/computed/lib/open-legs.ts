import { isCrossNode, leavesCluster } from '../../model/flow-place.ts';
import type { Denials } from '../../model/denial.ts';
import type { Flow } from '../../model/flow.ts';
import type { Leg, PacketWalk } from '../../model/flow-walk.ts';
import { isDenied } from '../../model/denied-walk.ts';
import { undecidedRule } from '../../model/undecided-rules.ts';

/**
 * Returns why a drop is still possible although no walk found one: legs that were not walked, legs with an uncertain
 * end, and parts of a packet filter that no walk reads, in this order.
 */
export function openLegs(flow: Flow, walks: readonly PacketWalk[]): Denials['open'] {
  const unwalked = legsOf(flow)
    .filter((leg) => !walks.some((walk) => walk.leg === leg))
    .map((leg) => ({ leg, why: `the packet could not be walked on its way (${leg})` }));
  const uncertain = walks.flatMap((walk) => {
    const { leg, node, result } = walk;
    if (result.decision === 'accept') return [];
    if (!isDenied(walk))
      return [{ leg, why: `where the packet ends on ${node} (${leg}) is not certain${doubtWords(walk)}` }];
    return result.owner
      ? []
      : [{ leg, why: `whose the rule is that ends the packet on ${node} (${leg}) is not known` }];
  });
  // An unread part of a node's packet filter may drop a packet that every walk lets through.
  const unread = walks.flatMap(({ leg, node, result }) =>
    result.uncertainties
      .filter((part) => part.unwalked)
      .map(({ why, rule }) => ({ leg, why: `${why} (${rule} on ${node})` })),
  );
  const elsewhere = walks.flatMap(({ leg, wayDoubt, entryDoubt = null }) =>
    [wayDoubt, entryDoubt].flatMap((why) => (why === null ? [] : [{ leg, why }])),
  );
  return [...unwalked, ...uncertain, ...elsewhere, ...unread];
}

/** Says what keeps the end of the walk open, and which command shows more. */
function doubtWords({ node, result }: PacketWalk): string {
  const undecided = undecidedRule(result);
  if (undecided) return `: ${undecided.words}. To do next on ${node}: ${undecided.command}`;
  const [doubt] = result.uncertainties;
  return doubt ? `: ${doubt.why} (${doubt.rule})` : '';
}

/** Returns the legs that every such flow has. Legs of a tunnel are not among them: only the routes show a tunnel. */
function legsOf(flow: Flow): readonly Leg[] {
  if (leavesCluster(flow)) return ['source-egress', 'reply-source-ingress'];
  if (!isCrossNode(flow)) return ['same-node', 'reply-same-node'];
  return flow.source.node === null
    ? ['target-ingress', 'reply-target-egress']
    : ['source-egress', 'target-ingress', 'reply-target-egress', 'reply-source-ingress'];
}
