import type { Verdict } from '../../src/model/verdict.ts';
import { askLab } from '../../tools/accuracy/ask-lab.ts';
import type { Question } from '../../tools/accuracy/questions.ts';
import type { Answer, LabKind } from '../../tools/accuracy/score.ts';

interface Asked {
  readonly answers: readonly Answer[];
  /** What is not right in the answers, and what could not be asked, a line each. */
  readonly complaints: readonly string[];
}

/** What is not right in an answer, a line each. */
function complaintsOf({ what, verdict, missing, strays = [] }: Answer, verdicts: readonly Verdict[]): string[] {
  const orphans = verdicts.flatMap(({ roots, consequences }) =>
    consequences.filter(({ because }) => ![...roots, ...consequences].some(({ id }) => id === because.id)),
  );
  return [
    ...(verdict === 'inconclusive' ? [`${what}: the verdict is ${verdict}`] : []),
    ...missing.map((id) => `${what}: ${id} is not named`),
    ...strays.map((id) => `${what}: ${id} is named as an other fault, and is not there`),
    ...orphans.map(({ rule, because }) => `${what}: ${rule} is told because of ${because.rule}, which is no cause`),
  ];
}

/** Asks the questions in a lab of its own. */
export async function askedIn(lab: LabKind, questions: readonly Question[]): Promise<Asked> {
  const answers: Answer[] = [];
  const complaints: string[] = [];
  await askLab(lab, questions, {
    tell: (answer, verdicts) => {
      answers.push(answer);
      complaints.push(...complaintsOf(answer, verdicts));
    },
    complain: (what) => complaints.push(`not asked: ${what}`),
    isOver: () => false,
  });
  return { answers, complaints };
}
