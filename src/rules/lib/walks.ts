import type { CounterBurst, DropCounters } from '../../model/facts.ts';
import type { Evidence, Fact } from '../../model/evidence.ts';
import type { PacketWalk } from '../../model/flow-walk.ts';
import type { Proof } from '../../model/rule.ts';
import type { RuleRef } from '../../model/ruleset.ts';

/** It ends in a drop or reject, and every way that undecided matches leave open ends at the same rule. */
export function isDenied({ result }: PacketWalk): boolean {
  return (result.decision === 'drop' || result.decision === 'reject') && result.rule !== null && result.ends.every((end) => sameRule(end.rule, result.rule));
}

/** The comment with which Felix marks the drop for interfaces that no endpoint names (felix/rules/dispatch.go). */
export function endsAtUnknownInterface({ result }: PacketWalk): boolean {
  return result.rule?.comments.some((comment) => comment === 'Unknown interface') ?? false;
}

export function ruleWords(rule: RuleRef): string {
  return rule.index === 0 ? `policy of ${rule.table} ${rule.chain}` : `rule ${rule.index} of ${rule.table} ${rule.chain}`;
}

/** What the counters say of the walk's ending rule, and the numbers in words. */
export interface DropProof {
  readonly proof: Extract<Proof, 'counter' | 'inferred'>;
  readonly words: string;
}

/**
 * Proven by the asked flow's own burst; by a burst from the pod's own node only where nothing on the branch reads what
 * differs between the two (`branchIsUnconditional`).
 */
export function dropProof(walk: PacketWalk, counters: Fact<DropCounters>, branchIsUnconditional: boolean): DropProof {
  const bursts = counters.status === 'observed' ? counters.value.bursts.filter((burst) => burst.node === walk.node && sameRule(burst.proof.rule, walk.result.rule)) : [];
  const proven = bursts.find((burst) => burst.proof.proof === 'counter' && (burst.flow === 'asked' || branchIsUnconditional));
  if (proven) return { proof: 'counter', words: `${proven.sent} fresh ${proven.flow === 'asked' ? '' : 'same-node '}packets of ${proven.length} bytes were sent; its counter rose by exactly ${proven.proof.rise?.packets} packets and ${proven.proof.rise?.bytes} bytes, and by none in the idle window before.` };
  const tried = bursts.find(({ proof }) => (proof.rise?.packets ?? 0) > 0) ?? bursts[0];
  return { proof: 'inferred', words: tried ? `Not proven by counters: ${whyNot(tried)}.` : 'Its counter was not compared: the packet did not get that far, or nothing was sent.' };
}

function whyNot(burst: CounterBurst): string {
  return burst.proof.failed.map(({ reason }) => reason).slice(0, 2).join('; ') || 'the packets were sent from the pod\'s own node, on another way';
}

function sameRule(a: RuleRef | null, b: RuleRef | null): boolean {
  return a !== null && b !== null && a.backend === b.backend && a.table === b.table && a.chain === b.chain && a.index === b.index;
}

/** The ending rule in its chain, with the reader that printed it. */
export function walkEvidence(walk: PacketWalk, read: readonly Evidence[]): readonly Evidence[] {
  const reader = walk.result.rule?.backend === 'iptables-legacy' ? 'iptables-legacy-save' : walk.result.rule?.backend === 'iptables-nft' ? 'iptables-nft-save' : 'nft ';
  const source = read.find((evidence) => evidence.node === walk.node && evidence.command.includes(reader));
  return [{ command: source?.command ?? reader, node: walk.node, at: source?.at ?? '', excerpt: walk.shown.join('\n'), file: source?.file ?? null }];
}
