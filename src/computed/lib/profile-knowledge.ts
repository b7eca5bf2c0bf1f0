import type { Profile, ProfileLookup } from '../../model/calico.ts';
import type { Denial } from '../../model/denial.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FlowEnd } from '../../model/flow.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import { ruleWords } from '../../model/rule-words.ts';

/**
 * What is known about the profile that drops a packet. Felix writes the same rules for a stored deny-all profile and
 * for a missing one, so only the datastore tells them apart.
 */
export interface ProfileKnowledge {
  readonly profile: NonNullable<Denial['profile']> | null;
  readonly isStandIn: boolean;
  readonly doubt: string | null;
}

/**
 * Returns what is known about the profile; null: the packet does not end at a profile.
 * @param lookups the profiles of that end's endpoint, by name
 * @param others the profiles of the other end's endpoint: a profile of both ends is known from either
 */
export function profileOf(
  walk: PacketWalk,
  end: FlowEnd,
  lookups: Fact<readonly ProfileLookup[]>,
  others: Fact<readonly ProfileLookup[]>,
): ProfileKnowledge | null {
  const { owner, rule } = walk.result;
  const byNone =
    owner?.kind === 'endpoint' && rule?.comments.some((comment) => comment.endsWith('if no profiles matched'));
  if (!owner || !rule || (owner.kind !== 'profile' && !byNone)) return null;
  const silent =
    lookups.status === 'unavailable'
      ? `the packet ends at ${ruleWords(rule)}, and the datastore could not be asked for the ` +
        `profiles: ${lookups.reason}`
      : null;
  if (byNone) return { profile: null, isStandIn: false, doubt: silent };
  const isDropAll = walk.standInForProfile !== null;
  const unknown = { name: owner.name, state: 'unknown' } as const;
  const lookup = named(lookups, owner.name) ?? (lookups.status === 'unavailable' ? named(others, owner.name) : null);
  if (!lookup && lookups.status === 'unavailable') return { profile: unknown, isStandIn: isDropAll, doubt: silent };
  if (!lookup)
    return {
      profile: unknown,
      isStandIn: isDropAll,
      doubt:
        `the chain of ${owner.name} drops the packet, and the endpoint of ${end.namespace}/${end.name} does not ` +
        'name that profile',
    };
  if (lookup.profile === null) return { profile: { name: owner.name, state: 'missing' }, isStandIn: true, doubt: null };
  const isStandIn = isDropAll && !deniesItself(lookup.profile);
  return {
    profile: { name: owner.name, state: 'exists' },
    isStandIn,
    doubt: isStandIn
      ? `on ${walk.node} the chain of ${owner.name} still stands in for a missing profile, which exists now`
      : null,
  };
}

function named(lookups: Fact<readonly ProfileLookup[]>, profile: string): ProfileLookup | null {
  return lookups.status === 'observed' ? (lookups.value.find(({ name }) => name === profile) ?? null) : null;
}

function deniesItself({ spec }: Profile): boolean {
  return [...(spec?.ingress ?? []), ...(spec?.egress ?? [])].some(({ action }) => action.toLowerCase() === 'deny');
}
