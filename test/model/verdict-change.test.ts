import { expect, test } from '@jest/globals';
import type { Verdict } from '../../src/model/verdict.ts';
import { verdictChange } from '../../src/model/verdict-change.ts';
import { ipipLost, sampleVerdict } from '../bot/sample-run.ts';

const finding = ipipLost;
const latentOnly = { roots: [], latent: [finding] };

test.each<[string, Partial<Verdict>, string]>([
  ['it works, with a fault beside', { flow: 'works', ...latentOnly }, 'reachable, with a fault'],
  ['a test failed', { flow: 'fails', ...latentOnly }, 'unreachable'],
  ['nothing was sent, and a cause was read', { flow: 'unknown', roots: [finding] }, 'unreachable'],
  ['nothing was sent, and the fault stops nothing', { flow: 'unknown', ...latentOnly }, 'not known to be reachable'],
  [
    'nothing was sent, and the cause is inferred',
    { flow: 'unknown', roots: [{ ...finding, proof: 'inferred' }] },
    'not known to be reachable',
  ],
])('of a fault where %s', (_, change, state) => {
  const fault = sampleVerdict({ verdict: 'fault', ...change });
  const healthy = sampleVerdict({ verdict: 'healthy', flow: 'works', roots: [], consequences: [], latent: [] });
  expect(verdictChange(null, fault)).toMatch(new RegExp(`^The pod is ${state}[.,]`));
  expect(verdictChange(healthy, fault)).toMatch(new RegExp(`^The pod was reachable\\. Now: ${state}[.,]`));
});
