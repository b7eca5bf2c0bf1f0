import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { expectedOf } from '../../tools/lab/diagnosis.ts';
import { controllerForbidden } from '../../tools/lab/faults/catalogue/controller-forbidden.ts';
import { firstCase } from '../../tools/lab/faults/catalogue/first-case.ts';
import { policyDeny } from '../../tools/lab/faults/catalogue/policy-deny.ts';
import { ownLab } from '../../tools/lab/lab-command.ts';
import { describeRealLabs } from './labs.ts';
import { realLab } from './real-lab.ts';

const healthy = { status: 0, verdict: 'healthy', roots: [], consequences: [], because: {}, latent: [], blindSpots: [] };

describeRealLabs('verdicts on real Calico, iptables $dataplane', ({ dataplane, flags }) => {
  const lab = realLab(ownLab(`verdicts-${dataplane}`));

  beforeAll(() => lab.up(flags), 120_000);
  afterAll(() => lab.down(), 60_000);

  test('nothing broken: healthy, three times in a row, and no fix', async () => {
    for (const time of [1, 2, 3]) {
      const { run, said } = await lab.diagnose('default/mypod');
      expect({ time, said, plans: await lab.plans(run) }).toEqual({ time, said: healthy, plans: {} });
    }
  }, 180_000);

  test.each([
    { fault: firstCase, because: { 'pod-profile-missing': 'controller-forbidden' } },
    { fault: controllerForbidden, because: { 'pod-profile-missing': 'controller-forbidden' } },
    { fault: policyDeny, because: {} },
  ])(
    '$fault.name: its own causes and no other; healthy once it is healed',
    async ({ fault, because }) => {
      await lab.breakFault(fault.name);
      const broken = { status: 1, ...expectedOf(fault.expects), because, blindSpots: [] };
      expect((await lab.diagnose('default/mypod')).said).toEqual(broken);
      await lab.heal(fault.name);
      expect((await lab.diagnose('default/mypod')).said).toEqual(healthy);
    },
    240_000,
  );
});
