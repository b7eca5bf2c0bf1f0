import type { ComputedInputs } from '../../model/computed.ts';
import { observed, type Fact } from '../../model/evidence.ts';
import type { FactKey } from '../../model/facts.ts';
import type { Flow } from '../../model/flow.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { KnownNames } from '../../model/ruleset/owner.ts';
import { walkLegs } from '../../flow-walks/legs.ts';
import { withUnreadSets } from '../../flow-walks/undecided.ts';
import type { WalkedNode } from '../../flow-walks/walked-node.ts';
import { likelyProfiles } from './likely-profiles.ts';
import { nodeFacts, readNode } from './read-node.ts';

/** What a walk of the asked packet goes over. */
export interface ReadWalk {
  readonly flow: Flow;
  readonly target: WalkedNode;
  /** null: it was not read, or the flow begins on no node. */
  readonly source: WalkedNode | null;
  /** Names by which chains of the pods' profiles are known. */
  readonly names: KnownNames;
}

/** The facts that `readWalk` considers, beside `flow` and `pod`. */
export const walkFacts = ['pods', ...nodeFacts] as const satisfies readonly FactKey[];

/** Returns what is walked over; unavailable where the target's node is. The evidence is that of the rule sets. */
export async function readWalk(
  facts: Pick<ComputedInputs<'flow' | 'pod', (typeof walkFacts)[number]>, 'get' | 'ask'>,
): Promise<Fact<ReadWalk>> {
  const flow = facts.get('flow');
  const [pods, target, source] = await Promise.all([
    facts.ask('pods'),
    readNode(facts, 'target'),
    readNode(facts, 'source'),
  ]);
  if (target.status === 'unavailable') return target;
  const known = [facts.get('pod'), ...(pods.status === 'observed' ? pods.value : [])];
  const read: ReadWalk = {
    flow,
    target: target.value,
    source: source.status === 'observed' ? source.value : null,
    names: { profiles: likelyProfiles(flow, known), policies: [] },
  };
  return observed(read, [...target.evidence, ...source.evidence]);
}

/** Returns the same with both nodes changed. */
export function onNodes(read: ReadWalk, change: (node: WalkedNode) => WalkedNode): ReadWalk {
  return { ...read, target: change(read.target), source: read.source && change(read.source) };
}

/** Walks every leg. */
export function legsOf({ flow, target, source, names }: ReadWalk): readonly PacketWalk[] {
  return walkLegs(flow, target, source, { names });
}

/** Returns the walk as undecided where it rests on sets that its node did not show. */
export function withUnreadSetsOf({ target, source }: ReadWalk, walk: PacketWalk): PacketWalk {
  return withUnreadSets(walk, walk.node === target.rulesets.node ? target.rulesets : (source?.rulesets ?? {}));
}
