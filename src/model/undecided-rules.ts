import { listRule } from './list-rule.ts';
import { ruleWords } from './rule-words.ts';
import type { PlacedRule } from './ruleset/places.ts';
import { isRefused, type WalkEnd, type WalkResult } from './ruleset/walk.ts';

/** A rule on the packet's way of which nobody can say whether it matches. */
export interface UndecidedRule {
  readonly rule: PlacedRule;
  /** Which rule, why, and what either answer means. Without a full stop. */
  readonly words: string;
  /** Shows the rule with its counter. */
  readonly command: string;
}

/** Returns the first rule that leaves the end of the walk open; null: none does, or no rule is known to. */
export function undecidedRule({ decision, uncertainties, ends }: WalkResult): UndecidedRule | null {
  if (decision !== 'unknown') return null;
  // A rule that decides nothing is not what keeps the end open.
  const doubts = uncertainties.flatMap(({ at, rule, why }) => (at ? [{ at, rule, why }] : []));
  const endsWith = (at: PlacedRule, taken: 'match' | 'miss') =>
    ends.filter(({ assumed }) => assumed.some((one) => one.taken === taken && isSame(one.at, at)));
  const deciding = doubts.find(({ at }) => endsWith(at, 'match').some(({ decision: end }) => end !== 'accept'));
  const doubt = deciding ?? doubts[0];
  if (!doubt) return null;
  const { at, why, rule } = doubt;
  const [matched, missed] = [endWords(endsWith(at, 'match')), endWords(endsWith(at, 'miss'))];
  const known = matched && missed ? `. If it matches, the packet ${matched}; if not, it ${missed}` : '';
  return {
    rule: at,
    words: `${ruleWords(at)} ("${rule}") can decide either way: ${why}${known}`,
    command: listRule(at),
  };
}

/** null: the walk did not follow that way. */
function endWords(ends: readonly WalkEnd[]): string | null {
  const [first] = ends;
  if (!first) return null;
  if (ends.every(({ decision }) => decision === 'accept')) return 'goes on';
  const isOne = ends.every((end) => isRefused(end.decision) && isSame(end.rule, first.rule));
  return isOne && first.rule ? `ends at ${ruleWords(first.rule)}` : 'may be dropped or not';
}

function isSame(one: PlacedRule | null | undefined, other: PlacedRule | null): boolean {
  return (
    one != null &&
    other !== null &&
    one.backend === other.backend &&
    one.family === other.family &&
    one.table === other.table &&
    one.chain === other.chain &&
    one.index === other.index
  );
}
