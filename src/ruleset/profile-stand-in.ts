import type { Chain } from '../model/ruleset.ts';
import { chainName } from './chain-names.ts';
import { predictTags } from './rule-tags.ts';

/** How Felix writes the rules that stand for a profile it cannot use. */
export interface ProfileStandIn {
  readonly profile: string;
  readonly direction: 'ingress' | 'egress';
  /** `drop`: one rule (to v3.21), `commented-drop`: with the profile's name (v3.22 to v3.29), `mark-and-drop`: two rules (since v3.30). */
  readonly form: 'drop' | 'commented-drop' | 'mark-and-drop';
  readonly action: 'DROP' | 'REJECT';
  readonly tags: readonly string[];
}

/**
 * Is this chain what Felix renders for a profile that is missing or invalid? Told by the tags alone, which are predicted from the
 * name; no rule's text is looked at. A stored profile that denies everything renders the same: only the datastore can tell the two apart.
 */
export function standInFor(chain: Chain, profile: string): ProfileStandIn | null {
  const prefix = /^cali-pr[io]-/.exec(chain.name)?.[0];
  if (prefix === undefined || chain.name !== chainName(prefix, profile)) return null;
  const direction = prefix === 'cali-pri-' ? 'ingress' : 'egress';
  const seen = chain.rules.map(({ tag }) => tag);
  return possibleStandIns(chain.name, profile, direction).find(({ tags }) => tags.length === seen.length && tags.every((tag, at) => tag === seen[at])) ?? null;
}

function possibleStandIns(chain: string, profile: string, direction: 'ingress' | 'egress'): ProfileStandIn[] {
  const comment = `-m comment --comment "Profile ${profile} ${direction}"`;
  const common = { profile, direction } as const;
  return (['DROP', 'REJECT'] as const).flatMap((action): ProfileStandIn[] => [
    { ...common, form: 'drop', action, tags: predictTags(chain, [`--jump ${action}`]) },
    { ...common, form: 'commented-drop', action, tags: predictTags(chain, [`${comment} --jump ${action}`]) },
    ...dropMarks.map((mark): ProfileStandIn => {
      const spellings = [`${comment} --jump MARK --set-mark ${mark}/${mark}`, `-m mark --mark ${mark}/${mark} --jump ${action}`];
      return { ...common, form: 'mark-and-drop', action, tags: predictTags(chain, spellings) };
    }),
  ]);
}

/** Felix takes the drop mark from the bits it is given; which ones is a setting. */
const dropMarks = Array.from({ length: 32 }, (_, bit) => `0x${(2 ** bit).toString(16)}`);
