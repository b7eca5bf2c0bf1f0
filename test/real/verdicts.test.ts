import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownLab } from '../lab/harness.ts';
import { describeRealLabs } from './labs.ts';
import { realLab } from './real-lab.ts';

const healthy = { verdict: 'healthy', roots: [], consequences: {}, latent: [], blindSpots: [] };

describeRealLabs('verdicts on real Calico, iptables $dataplane', ({ dataplane, flags }) => {
  const lab = realLab(ownLab(`verdicts-${dataplane}`));

  beforeAll(() => lab.up(flags), 120_000);
  afterAll(() => lab.down(), 60_000);

  test('nothing broken: healthy, three times in a row, and no fix', async () => {
    for (const time of [1, 2, 3]) {
      const { status, run, verdict } = await lab.diagnose('default/mypod');
      expect({ time, status, verdict, plans: await lab.plans(run) }).toEqual({ time, status: 0, verdict: healthy, plans: {} });
    }
  }, 180_000);

  test.each([
    { fault: 'first-case', roots: ['controller-forbidden', 'ipip-lost-between-nodes'], consequences: { 'pod-profile-missing': 'controller-forbidden' } },
    { fault: 'controller-forbidden', roots: ['controller-forbidden'], consequences: { 'pod-profile-missing': 'controller-forbidden' } },
    { fault: 'policy-deny', roots: ['policy-denies-ingress'], consequences: {} },
  ])('$fault: its own causes and no other; healthy once it is healed', async ({ fault, roots, consequences }) => {
    await lab.breakFault(fault);
    const { status, verdict } = await lab.diagnose('default/mypod');
    expect({ status, verdict }).toEqual({ status: 1, verdict: { verdict: 'fault', roots, consequences, latent: [], blindSpots: [] } });
    await lab.heal(fault);
    expect((await lab.diagnose('default/mypod')).verdict).toEqual(healthy);
  }, 240_000);
});
