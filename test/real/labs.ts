import { describe } from '@jest/globals';
import { calicoLabs, describeLab } from '../../tools/lab/harness.ts';

const realLabs = calicoLabs.filter((one) => one.calico === 'real');

/** One describe a backend on real Calico; skipped, by name, where LAB_CALICO_BIN does not say where that is. */
export const describeRealLabs =
  realLabs.length > 0
    ? describeLab.each(realLabs)
    : describe.skip.each([{ dataplane: 'any', calico: 'real', flags: [''] }]);
