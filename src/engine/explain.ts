/** Finds which finding causes which: a cause withholds a resource that its consequence lacks. */
import { matchOf, type Resource } from '../model/resource.ts';
import type { AnyFinding, Rule } from '../model/rule.ts';

export interface JudgedFinding {
  readonly rule: Rule;
  readonly finding: AnyFinding;
}

export interface Explained extends JudgedFinding {
  /** The finding that explains it; null: nothing that was found does. */
  readonly cause: JudgedFinding | null;
}

/**
 * Returns every finding with its nearest cause, in the given order. If several findings could be the cause, these
 * rules choose, in this order:
 * 1. the resource that the consequence lists first among those it lacks;
 * 2. a finding that withholds exactly this resource, before one that withholds its whole kind;
 * 3. the given order of findings.
 */
export function explain(findings: readonly JudgedFinding[]): readonly Explained[] {
  return findings.map((effect) => ({ ...effect, cause: nearestCause(effect, findings) }));
}

function nearestCause(effect: JudgedFinding, findings: readonly JudgedFinding[]): JudgedFinding | null {
  const others = findings.filter((other) => other !== effect);
  for (const lacked of effect.finding.lacks ?? []) {
    const cause =
      others.find((other) => withholds(other, lacked, 'this')) ??
      others.find((other) => withholds(other, lacked, 'any'));
    if (cause) return cause;
  }
  return null;
}

function withholds({ finding }: JudgedFinding, lacked: Resource, match: 'this' | 'any'): boolean {
  return (finding.withholds ?? []).some((withheld) => matchOf(withheld, lacked) === match);
}

/** Returns the end of the chain of causes. Registration checks that rules cannot explain each other in circles. */
export function rootOf(effect: Explained, all: readonly Explained[]): Explained {
  let at = effect;
  for (let depth = 0; at.cause && depth < all.length; depth += 1) {
    const cause = at.cause;
    const next = all.find((candidate) => candidate.rule === cause.rule && candidate.finding === cause.finding);
    if (!next) break;
    at = next;
  }
  return at;
}
