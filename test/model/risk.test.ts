/** The scale by which cards, dialogs and the command line say the risk of a fix. */
import { expect, test } from '@jest/globals';
import { fixes } from '../../src/fixes/registry.ts';
import { riskMeaning, riskPlace, riskScale, riskScaleWords } from '../../src/model/risk.ts';

test('a risk says its place on the scale, and what it means', () => {
  expect(riskScale.map(({ risk }) => riskPlace(risk))).toEqual(['low (1/3)', 'medium (2/3)', 'high (3/3)']);
  expect(riskMeaning('low')).toBe('low (1/3), changes only what is broken');
});

test('the scale explains the risk of every fix', () => {
  for (const { risk } of fixes) expect(riskScaleWords()).toContain(`${risk} = `);
});
