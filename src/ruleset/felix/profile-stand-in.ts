import type { Chain } from '../../model/ruleset/rules.ts';
import { chainName, withoutLayer } from '../../calico/chain-names.ts';
import { type Dialect, predictTags } from './rule-tags.ts';

/** How Felix writes the rules that stand for a profile it cannot use. */
export interface ProfileStandIn {
  readonly profile: string;
  readonly direction: 'ingress' | 'egress';
  /**
   * `drop`: one rule (to v3.21), `commented-drop`: with the profile's name (v3.22 to v3.29), `mark-and-drop`: two rules
   * (since v3.30).
   */
  readonly form: 'drop' | 'commented-drop' | 'mark-and-drop';
  readonly action: 'DROP' | 'REJECT';
  readonly tags: readonly string[];
}

/**
 * Is this chain what Felix renders for a profile that is missing or invalid? Only the tags count, which follow from the
 * name; no rule's text is read. A stored profile that denies everything renders the same: only the datastore tells the
 * two apart.
 */
export function standInFor(chain: Chain, profile: string): ProfileStandIn | null {
  const name = withoutLayer(chain.name);
  const dialect: Dialect = name === chain.name ? 'iptables' : 'nft';
  const prefix = /^cali-pr[io]-/.exec(name)?.[0];
  if (prefix === undefined || name !== (dialect === 'nft' ? prefix + profile : chainName(prefix, profile))) return null;
  const direction = prefix === 'cali-pri-' ? 'ingress' : 'egress';
  const seen = chain.rules.map(({ tag }) => tag);
  const fits = ({ spellings }: Form): boolean => {
    const tags = predictTags(chain.name, spellings, dialect);
    return tags.length === seen.length && tags.every((tag, at) => tag === seen[at]);
  };
  const found = (dialect === 'nft' ? nftForms : iptablesForms(`Profile ${profile} ${direction}`)).find(fits);
  return found
    ? { profile, direction, form: found.form, action: found.action, tags: seen.filter((tag) => tag !== null) }
    : null;
}

interface Form extends Pick<ProfileStandIn, 'form' | 'action'> {
  readonly spellings: readonly string[];
}

/** Felix takes the drop mark from bits that a setting gives it. */
const dropMarks = Array.from({ length: 32 }, (_, bit) => `0x${(2 ** bit).toString(16)}`);

function iptablesForms(name: string): Form[] {
  const comment = `-m comment --comment "${name}"`;
  return (['DROP', 'REJECT'] as const).flatMap((action): Form[] => [
    { form: 'drop', action, spellings: [`--jump ${action}`] },
    { form: 'commented-drop', action, spellings: [`${comment} --jump ${action}`] },
    ...dropMarks.map((mark): Form => ({
      form: 'mark-and-drop',
      action,
      spellings: [
        `${comment} --jump MARK --set-mark ${mark}/${mark}`,
        `-m mark --mark ${mark}/${mark} --jump ${action}`,
      ],
    })),
  ]);
}

/** In nftables mode comments are no part of a tag. */
const nftForms: readonly Form[] = (['DROP', 'REJECT'] as const).flatMap((action): Form[] => [
  { form: 'drop', action, spellings: [`counter ${action.toLowerCase()}`] },
  ...dropMarks.map((mark): Form => ({
    form: 'mark-and-drop',
    action,
    spellings: [
      `counter meta mark set mark or ${mark}`,
      `meta mark & ${mark} == ${mark} counter ${action.toLowerCase()}`,
    ],
  })),
]);
