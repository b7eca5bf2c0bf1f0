import type { Denial, DenialClass, Denials } from '../../model/denial.ts';
import type { CounterBurst } from '../../model/drop-counters.ts';
import { sameRule } from '../../model/denied-walk.ts';
import { ruleWords } from '../../model/rule-words.ts';

/** One denial, with all test packets that were sent to meet its rule, in the order in which a packet meets the legs. */
export interface Candidate {
  readonly denial: Omit<Denial, 'stopsFlow'>;
  readonly bursts: readonly CounterBurst[];
  /** The rule sets do not show whether the rule matches: only a counter proves it, else the leg stays open. */
  readonly needsCounter?: boolean;
}

/**
 * Returns the denials that packets met, or may have met. If a counter did not rise although packets came that far, the
 * walk was wrong: it is not a denial, and the leg stays open. No packet of the asked flow gets past the leg that ends
 * it, so after that leg only denials that a counter proves stop it, and a profile that both ends lack: that is one
 * cause. What else would drop the packet there does not stop it now, and is told.
 * @param further behind the first drop of a leg, or on the right way of a packet that is led astray
 */
export function judgedDenials(
  candidates: readonly Candidate[],
  further: readonly Candidate['denial'][] = [],
): Pick<Denials, 'denied' | 'open'> {
  const passed = candidates.findLastIndex(({ denial }) => denial.proof === 'counter' && denial.burst?.flow === 'asked');
  const denied: Denial[] = [];
  const open: Denials['open'][number][] = [];
  for (const [at, { denial, bursts, needsCounter }] of candidates.entries()) {
    const asked = bursts.find(({ flow }) => flow === 'asked');
    const isMissed =
      asked?.proof.walked?.packets === 0 &&
      !bursts.some(({ flow, sent, proof }) => flow === 'same-node' && (proof.walked?.packets ?? 0) >= sent);
    if (isMissed && asked.reached === 'yes') {
      const sent = `${asked.sent} test packets`;
      open.push({
        leg: denial.leg,
        why:
          `${sent} came to ${denial.node}, and none ended at ${ruleWords(denial.rule)}, ` +
          'where the rules say they end',
      });
      continue;
    }
    if (needsCounter && denial.proof !== 'counter') {
      const { rule, node } = denial;
      const why = `the mark that eBPF programs give a packet is not known (${ruleWords(rule)} on ${node})`;
      open.push({ leg: denial.leg, why });
      continue;
    }
    // A packet that provably ends later has passed here.
    if (at < passed) continue;
    const before = denied.filter((earlier) => earlier.stopsFlow);
    const isSameCause = before.some(
      ({ profile }) => profile?.state === 'missing' && profile.name === denial.profile?.name,
    );
    if (before.length > 0 && denial.proof !== 'counter' && !isSameCause) {
      const isTold =
        denial.leg.startsWith('reply-') &&
        denied.some(({ node, rule }) => node === denial.node && sameRule(rule, denial.rule));
      if (wouldStop(denial) && !isTold) denied.push({ ...denial, stopsFlow: false });
      continue;
    }
    denied.push({ ...denial, stopsFlow: !isMissed });
  }
  const behind = further.filter((denial, at) => {
    const isHere = ({ leg, node }: Candidate['denial']) => leg === denial.leg && node === denial.node;
    const onLeg = denied.filter(isHere);
    // It may stand behind others on the wrong way and on the right one.
    const isTold = [...onLeg, ...further.slice(0, at).filter(isHere)].some(({ rule }) => sameRule(rule, denial.rule));
    return wouldStop(denial, ofOwnBehind) && !isTold && (denial.onRightWayToo || onLeg.length > 0);
  });
  return { denied: [...denied, ...behind.map((denial) => ({ ...denial, stopsFlow: false }))], open };
}

/** Those that follow from a rule alone, and not from another fault on the way or from a node that is behind. */
const ofOwn: ReadonlySet<DenialClass> = new Set([
  'foreign',
  'policy-rule',
  'tier-end',
  'profile-stand-in',
  'tunnel-guard',
]);
/** On one leg, a jump that is missing does not follow from the rule that ends the packet before. */
const ofOwnBehind: ReadonlySet<DenialClass> = new Set<DenialClass>([...ofOwn, 'hook-missing']);

/** Connection tracking admits an answer past Calico's rules, and not past a rule of others that drops it. */
function wouldStop({ leg, class: kind, expected }: Candidate['denial'], kinds = ofOwn): boolean {
  return kinds.has(kind) && (kind === 'foreign' || !leg.startsWith('reply-')) && expected?.decision !== 'allow';
}
