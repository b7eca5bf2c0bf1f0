import { expect, test } from '@jest/globals';
import { planRecord } from '../../src/model/stored.ts';
import { digestOf } from '../../src/fixes/digest.ts';
import { planProblem, sealPlan } from '../../src/plans/signed-plan.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed, testSeals } from '../support/signing.ts';

test('a plan of an older version is readable, and nothing is done with it', () => {
  const record = proposed(samplePlan());
  const { finding: _finding, ...plan } = record.plan;
  const controls = plan.controls.map(({ fact, watches }) => ({ fact, watches }));
  const read = planRecord.parse({ ...record, plan: { ...plan, subject: 'Node door', controls } });
  expect(read.plan).toMatchObject({
    finding: 'unknown',
    subject: { kind: 'Node', name: 'door' },
    controls: [{ notWatched: null }],
  });
  expect(planProblem(testSeals, read)).toContain('was changed after it was signed');
});

test('a plan of a newer version is not called changed alone, and nothing is done with it', () => {
  const { plan } = proposed(samplePlan());
  const { digest: _digest, ...newer } = { ...plan, waitsFor: 'the maintenance window' };
  const record = sealPlan(testSeals, { ...newer, digest: digestOf(newer) }, 'ann');
  expect(planProblem(testSeals, record)).toBeNull();
  expect(planProblem(testSeals, planRecord.parse(record))).toBe(
    'the plan was changed after it was signed, or a newer version of this program made it',
  );
});

test('a plan of this version is read as it was written', () => {
  const record = proposed(samplePlan());
  expect(planRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(record);
  expect(planProblem(testSeals, planRecord.parse(record))).toBeNull();
});
