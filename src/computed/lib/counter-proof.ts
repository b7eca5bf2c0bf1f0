import type { Denial } from '../../model/denial.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { DropCounters } from '../../model/drop-counters.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { Counters } from '../../model/ruleset/rules.ts';
import { sameRule } from '../../model/denied-walk.ts';

/**
 * Returns what the counters say about the rule that ends the walk. Test packets of the asked flow prove it. Packets
 * from the pod's own node prove it only if no rule on the branch depends on the source (`branchIsUnconditional`).
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

/** Returns evidence with the ending rule and its counters before and after the test packets; without them, the walk. */
export function countedEvidence(evidence: readonly Evidence[], burst: Denial['burst']): readonly Evidence[] {
  const { rule, readings } = burst?.proof ?? { rule: null, readings: null };
  const [first, ...rest] = evidence;
  if (!first || !rule || !readings) return evidence;
  if (rule.backend === 'ebpf')
    return [{ ...first, excerpt: `${readings.before.packets} → ${readings.after.packets} ${rule.text}` }, ...rest];
  const text = rule.index === 0 ? `policy of ${rule.table} ${rule.chain}` : rule.text;
  return [{ ...first, excerpt: `${printed(readings.before)} → ${printed(readings.after)} ${text}` }, ...rest];
}

/** Formats packets and bytes as iptables-save prints them. */
function printed({ packets, bytes }: Counters): string {
  return `[${packets}:${bytes}]`;
}
