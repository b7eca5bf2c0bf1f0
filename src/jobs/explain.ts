/** Which finding is the cause of which: by `explainedBy` of its rule, and by what one lacks and the other withholds. */
import type { RawFinding, Rule } from '../model/rule.ts';

export interface JudgedFinding {
  readonly rule: Rule;
  readonly finding: RawFinding;
}

export interface Explained extends JudgedFinding {
  /** The finding that explains it; null: nothing that was found does. */
  readonly cause: JudgedFinding | null;
}

/** @returns every finding with its nearest cause, in the given order. */
export function explain(findings: readonly JudgedFinding[]): readonly Explained[] {
  return findings.map((effect) => ({ ...effect, cause: findings.find((cause) => cause !== effect && explains(cause, effect)) ?? null }));
}

function explains(cause: JudgedFinding, effect: JudgedFinding): boolean {
  if (!effect.rule.explainedBy.includes(cause.rule.id)) return false;
  const withheld = cause.finding.withholds ?? [];
  return (effect.finding.lacks ?? []).some((lack) => withheld.some((key) => (key.endsWith('*') ? lack.startsWith(key.slice(0, -1)) : lack === key)));
}

/** The end of the chain of causes. Rules cannot explain each other in circles (checked where rules are registered). */
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
