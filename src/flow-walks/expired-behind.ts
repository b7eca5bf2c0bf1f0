/** Rules of one node that leave a packet too little time to live for the other node, which must forward it. */
import type { Flow } from '../model/flow.ts';
import { wayOf } from '../model/kernel-way.ts';
import type { PacketWalk } from '../model/flow-walk.ts';
import { findRule } from '../ruleset/chains/find-rule.ts';
import { ownerOfEnd } from '../ruleset/walk/end-owner.ts';
import type { WalkedNode } from './walked-node.ts';
import { authenticateChain } from '../ruleset/felix/rule-tags.ts';

/**
 * Returns the walk as ended by the rule that changed its time to live, if the node behind does not forward the packet
 * for it: the kernel forwards nothing with a time to live of one (net/ipv4/ip_forward.c).
 * @param node of the walk
 * @param behind the name of the node or router that must forward the packet; null: none must
 */
export function expiredBehind(walk: PacketWalk, node: WalkedNode, behind: string | null): PacketWalk {
  const { result } = walk;
  const { ttlSetBy, ends } = result;
  const isSpent = ends.length > 0 && ends.every(({ packet: { ttl } }) => ttl !== null && ttl <= 1);
  if (behind === null || result.decision !== 'accept' || !ttlSetBy || !isSpent) return walk;
  const { rule, path } = ttlSetBy;
  const end = { decision: 'drop', rule, markedBy: null, path, markPath: [], expired: true } as const;
  const { ruleSets } = node.rulesets;
  const found = findRule(ruleSets, rule);
  return {
    ...walk,
    hook: path.at(-1)?.hook ?? walk.hook,
    result: { ...result, ...end, owner: ownerOfEnd(ruleSets, { ...result, ...end }), ends: [{ ...result, ...end }] },
    authenticity: found && authenticateChain(rule.backend, rule.table, found.chain),
    standInForProfile: null,
    shown: [`${rule.table} ${rule.chain}: ${rule.text}`],
    branch: path,
    expiresOn: behind,
  };
}

/** The router behind the node to which a packet goes that leaves the cluster; null: none, or it is not known. */
export function routerTo({ destination: { address } }: Pick<Flow, 'destination'>, { ways }: WalkedNode): string | null {
  const answer = wayOf(ways ?? [], { of: 'source-egress', destination: address })?.answer;
  const gateway = answer?.kind === 'route' ? answer.gateway : null;
  return gateway === null || gateway === address ? null : `router ${gateway}`;
}
