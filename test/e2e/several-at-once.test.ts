/**
 * Random faults, two and three at once: every cause is named, nothing else is, and each consequence stands under its
 * cause. Two labs answer at the same time, and stay up between questions: the whole takes some minutes.
 */
import { expect, test } from '@jest/globals';
import type { Verdict } from '../../src/model/verdict.ts';
import { askLab } from '../../tools/accuracy/ask-lab.ts';
import { missedMarks } from '../../tools/accuracy/marks.ts';
import { questionsOf } from '../../tools/accuracy/questions.ts';
import type { Answer, LabKind } from '../../tools/accuracy/score.ts';
import { describeLab } from '../../tools/lab/harness.ts';

/** `npm run accuracy -- --seed SEED --sample 0 --odd 0 --pairs 26 --triples 14` asks the same, one after another. */
const seed = 40;
const wanted = { seed, only: [], singles: 0, pairs: 26, triples: 14, odd: 0 };
const labs = (['legacy', 'nft'] as const).map((dataplane): LabKind => ({
  dataplane,
  datastore: 'etcd',
  encap: 'ipip',
  calico: 'stand-ins',
}));

/** What is not right in an answer, a line each. */
function complaints({ what, verdict, missing, strays = [] }: Answer, verdicts: readonly Verdict[]): readonly string[] {
  const orphans = verdicts.flatMap(({ roots, consequences }) =>
    consequences.filter(({ because }) => ![...roots, ...consequences].some(({ id }) => id === because.id)),
  );
  return [
    ...(verdict === 'fault' ? [] : [`${what}: the verdict is ${verdict}`]),
    ...missing.map((id) => `${what}: ${id} is not named`),
    ...strays.map((id) => `${what}: ${id} is named as an other fault, and is not there`),
    ...orphans.map(({ rule, because }) => `${what}: ${rule} is told because of ${because.rule}, which is no cause`),
  ];
}

describeLab('several faults at once', () => {
  test(`a sample of 40, drawn with seed ${seed}: every cause is named, and no other`, async () => {
    const answered: Answer[] = [];
    const wrong: string[] = [];
    await Promise.all(
      labs.map((lab, at) =>
        askLab(
          lab,
          questionsOf(lab, wanted).filter((_, place) => place % labs.length === at),
          {
            tell: (answer, verdicts) => {
              answered.push(answer);
              wrong.push(...complaints(answer, verdicts));
            },
            complain: (what) => wrong.push(`not asked: ${what}`),
            isOver: () => false,
          },
        ),
      ),
    );
    expect([...wrong, ...missedMarks(answered)]).toEqual([]);
    expect(answered).toHaveLength(40);
  }, 1_800_000);
});
