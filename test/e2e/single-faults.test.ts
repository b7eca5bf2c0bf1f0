/**
 * Single faults in labs of the other kinds that have a mark: a sample of them, drawn anew with each seed. Those of
 * iptables with etcd are all in tools/lab/faults-legacy.test.ts and tools/lab/faults-nft.test.ts.
 */
import { expect, test } from '@jest/globals';
import { missedMarks } from '../../tools/accuracy/marks.ts';
import { kindWords } from '../../tools/accuracy/page.ts';
import { questionsOf } from '../../tools/accuracy/questions.ts';
import type { LabKind } from '../../tools/accuracy/score.ts';
import { describeLab } from '../../tools/lab/harness.ts';
import { askedIn } from './complaints.ts';

/** `npm run accuracy -- --seed SEED --sample 8 --pairs 0 --triples 0 --odd 0` with the lab's flags asks the same. */
const seed = 8;
const wanted = { seed, only: [], singles: 8, pairs: 0, triples: 0, odd: 0 };
const usual = { encap: 'ipip', calico: 'stand-ins' } as const;
const labs: readonly LabKind[] = [
  { ...usual, dataplane: 'legacy', datastore: 'kubernetes' },
  { ...usual, dataplane: 'nft', datastore: 'kubernetes' },
  { ...usual, dataplane: 'nftables', datastore: 'etcd' },
  { ...usual, dataplane: 'legacy', datastore: 'etcd', era: '2' },
];

describeLab('single faults', () => {
  test.each(labs.map((lab) => ({ lab, words: kindWords(lab) })))(
    `a sample drawn with seed ${seed} is found: $words`,
    async ({ lab }) => {
      const questions = questionsOf(lab, wanted);
      const { answers, complaints } = await askedIn(lab, questions);
      expect([...complaints, ...missedMarks(answers)]).toEqual([]);
      expect(answers).toHaveLength(questions.length);
    },
    900_000,
  );
});
