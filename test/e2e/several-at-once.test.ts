/**
 * Random faults, two and three at once: every cause is named, nothing else is, and each consequence stands under its
 * cause. Two labs answer at the same time, and stay up between questions: the whole takes some minutes.
 */
import { expect, test } from '@jest/globals';
import { missedMarks } from '../../tools/accuracy/marks.ts';
import { questionsOf } from '../../tools/accuracy/questions.ts';
import type { LabKind } from '../../tools/accuracy/score.ts';
import { describeLab } from '../../tools/lab/harness.ts';
import { askedIn } from './complaints.ts';

/** `npm run accuracy -- --seed SEED --sample 0 --odd 0 --pairs 26 --triples 14` asks the same, one after another. */
const seed = 40;
const wanted = { seed, only: [], singles: 0, pairs: 26, triples: 14, odd: 0 };
const labs = (['legacy', 'nft'] as const).map((dataplane): LabKind => ({
  dataplane,
  datastore: 'etcd',
  encap: 'ipip',
  calico: 'stand-ins',
}));

describeLab('several faults at once', () => {
  test(`a sample of 40, drawn with seed ${seed}: every cause is named, and no other`, async () => {
    const asked = await Promise.all(
      labs.map((lab, at) =>
        askedIn(
          lab,
          questionsOf(lab, wanted).filter((_, place) => place % labs.length === at),
        ),
      ),
    );
    const answered = asked.flatMap(({ answers }) => answers);
    expect([...asked.flatMap(({ complaints }) => complaints), ...missedMarks(answered)]).toEqual([]);
    expect(answered.filter(({ verdict }) => verdict !== 'fault')).toEqual([]);
    expect(answered).toHaveLength(40);
  }, 1_800_000);
});
