import type { Denial } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { DropCounters } from '../../model/drop-counters.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { Counters } from '../../model/ruleset/rules.ts';
import { sameRule } from '../../model/denied-walk.ts';

/**
 * Returns what the counters say of the walk's ending rule. The asked flow's own burst proves it. A burst from the pod's
 * own node proves it only where nothing on the branch reads what differs between the two (`branchIsUnconditional`).
 */
export function counterProof(
  walk: PacketWalk,
  counters: Fact<DropCounters>,
  branchIsUnconditional: boolean,
): Pick<Denial, 'proof' | 'burst'> {
  const bursts =
    counters.status === 'observed'
      ? counters.value.bursts.filter(
          (burst) => burst.node === walk.node && sameRule(burst.proof.rule, walk.result.rule),
        )
      : [];
  const proven = bursts.find(
    (burst) => burst.proof.proof === 'counter' && (burst.flow === 'asked' || branchIsUnconditional),
  );
  if (proven) return { proof: 'counter', burst: proven };
  return { proof: 'inferred', burst: bursts.find(({ proof }) => (proof.rise?.packets ?? 0) > 0) ?? bursts[0] ?? null };
}

/** The ending rule alone, with its counters before the test packets and after; all that the walk shows without them. */
export function countedEvidence(evidence: readonly Evidence[], burst: Denial['burst']): readonly Evidence[] {
  const { rule, readings } = burst?.proof ?? { rule: null, readings: null };
  const [first, ...rest] = evidence;
  if (!first || !rule || !readings) return evidence;
  if (rule.backend === 'ebpf')
    return [{ ...first, excerpt: `${readings.before.packets} → ${readings.after.packets} ${rule.text}` }, ...rest];
  const text = rule.index === 0 ? `policy of ${rule.table} ${rule.chain}` : rule.text;
  return [{ ...first, excerpt: `${printed(readings.before)} → ${printed(readings.after)} ${text}` }, ...rest];
}

/** As a save prints them. */
function printed({ packets, bytes }: Counters): string {
  return `[${packets}:${bytes}]`;
}
