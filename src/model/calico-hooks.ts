import type { Backend } from './ruleset/places.ts';
import type { RuleRef } from './ruleset/walk.ts';

/**
 * A chain of the kernel that does not lead through Calico's rules.
 * - `jump`: Calico's chain is there, and nothing in the kernel's chain leads into it.
 * - `empty`: Calico's chain has no rules.
 * - `gone`: the table has no chain of Calico's, though its other tables have.
 * - `behind`: a foreign rule accepts every packet before the jump.
 * - `accept`: FORWARD lacks the closing rule that accepts what Calico's policies allowed.
 * - `late-accept`: a foreign rule drops or rejects every packet before that closing rule.
 * - `none`: no packet filter of the node has a chain of Calico's, although a pod of Calico's is there.
 */
export type HookFlaw = 'jump' | 'empty' | 'gone' | 'behind' | 'accept' | 'late-accept' | 'none';

export interface HookDefect {
  readonly node: string;
  /** Whose rules Calico's are; `none`: whose the kernel's chain is. */
  readonly backend: Backend;
  /** As iptables names them. */
  readonly table: string;
  readonly chain: string;
  readonly flaw: HookFlaw;
  /** `behind`, `late-accept`: the foreign rule. */
  readonly rule: RuleRef | null;
}
