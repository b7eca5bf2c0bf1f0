/** Legs whose end a node's packet filters do not tell, while the datastore's policies may. */
import { ipsets, type Leg, type NodeRuleSets, type PacketWalk } from '../model/flow-walk.ts';
import type { Uncertainty } from '../model/ruleset/rules.ts';
import type { PolicedWalk } from './policed.ts';

const directions: Readonly<Partial<Record<Leg, readonly PolicedWalk['direction'][]>>> = {
  'source-egress': ['egress'],
  'target-ingress': ['ingress'],
  'same-node': ['egress', 'ingress'],
};

/** Returns such walks, each with the directions in which policies judge it. */
export function undecidedWalks(walks: readonly PacketWalk[]): readonly PolicedWalk[] {
  return walks.flatMap((walk): readonly PolicedWalk[] =>
    walk.result.decision === 'unknown' && walk.result.uncertainties.some(({ askDatastore }) => askDatastore)
      ? (directions[walk.leg] ?? []).map((direction) => ({ walk, direction }))
      : [],
  );
}

/** Returns the leg as undecided, for a node where packet filters do not decide. */
export function decidedElsewhere(walk: PacketWalk, why: string): PacketWalk {
  const uncertainties: readonly Uncertainty[] = [{ rule: 'the programs of the interface', why, askDatastore: true }];
  const { packet } = walk;
  return {
    ...walk,
    result: {
      decision: 'unknown',
      rule: null,
      markedBy: null,
      path: [],
      markPath: [],
      trail: [],
      packet,
      assumed: [],
      notes: [],
      owner: null,
      uncertainties,
      ends: [],
    },
    authenticity: null,
    standInForProfile: null,
    rewritten: null,
    shown: [],
    branch: [],
  };
}

/** Adds the reason why a rule's set is missing, if no set could be read. */
export function withUnreadSets(walk: PacketWalk, { unread }: Pick<NodeRuleSets, 'unread'>): PacketWalk {
  const sets = unread?.find(({ part }) => part === ipsets);
  if (!sets) return walk;
  const uncertainties = walk.result.uncertainties.map((one): Uncertainty =>
    /^the set \S+ is not in the save$/.test(one.why)
      ? { ...one, why: `${one.why}: ${sets.why}`, askDatastore: true }
      : one,
  );
  return { ...walk, result: { ...walk.result, uncertainties } };
}
