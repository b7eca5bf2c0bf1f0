import type { Denial } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import { sameRule } from '../../model/denied-walk.ts';
import type { Owner } from '../../model/ruleset/owner.ts';
import type { TwinWalk } from '../../model/twin-walk.ts';
import { walkEvidence } from '../../model/walk-evidence.ts';
import { policyWords } from './policy-titles.ts';

interface BesideTwin {
  /** A sentence with a space before it; empty where no twin is known. */
  readonly words: string;
  readonly evidence: readonly Evidence[];
}

/**
 * Says what differs at another pod of the node, to which the node lets the same packet through.
 * @param read what `twin-walks` rests on
 */
export function besideTwin(denial: Denial, twins: Fact<readonly TwinWalk[]>, read: readonly Evidence[]): BesideTwin {
  const { leg, node, rule } = denial;
  const twin =
    twins.status === 'observed'
      ? twins.value.find((one) => one.leg === leg && one.node === node && sameRule(one.ending, rule))
      : undefined;
  if (!twin) return { words: '', evidence: [] };
  const why = whyWords(denial, twin);
  const way = denial.end === 'source' ? 'from' : 'to';
  return {
    words: ` By the rules of ${node} the same packet ${way} pod ${twin.pod} passes${why === '' ? '' : `: ${why}`}.`,
    evidence: walkEvidence(twin.walk, read),
  };
}

/** The first thing in which the two pods differ. */
function whyWords({ class: kind, owner }: Denial, { isUnselected, walk, interface: name }: TwinWalk): string {
  if (kind === 'unknown-interface') return `Felix has programmed its interface ${name}`;
  if (isUnselected) return `${owner.policies.length > 1 ? 'these policies do' : 'this policy does'} not select it`;
  return walk.result.owner ? allowedBy(walk.result.owner) : '';
}

function allowedBy({ kind, name, by, policies }: Owner): string {
  if (by === 'chain') return '';
  if (kind === 'profile') return `profile ${name} allows it`;
  const [policy] = policies;
  return kind === 'policy' && policy ? `policy ${policyWords(policy)} allows it` : '';
}
