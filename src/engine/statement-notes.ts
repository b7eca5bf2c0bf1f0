import type { Evaluation } from './evaluate.ts';
import { statementsOf } from './evaluate.ts';
import { toFinding } from './finding.ts';

/** Says what rules state that is not a fault, and that a person must know to read the verdict. */
export function statementNotes(evaluations: readonly Evaluation[]): readonly string[] {
  return evaluations.flatMap((evaluation) =>
    statementsOf(evaluation).map((finding) => {
      const { title, detail } = toFinding({ rule: evaluation.rule, finding });
      return `${title}. ${detail}`;
    }),
  );
}
