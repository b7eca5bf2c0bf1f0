import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownLab } from '../lab/harness.ts';
import { describeRealLabs } from './labs.ts';
import { realLab } from './real-lab.ts';

const bothFixes = ['create-pod-profile', 'grant-controller-rbac'];

describeRealLabs('the first case cured on real Calico, iptables $dataplane', ({ dataplane, flags }) => {
  const lab = realLab(ownLab(`fixes-${dataplane}`));

  beforeAll(() => lab.up(flags), 120_000);
  afterAll(() => lab.down(), 60_000);

  const broken = async () => {
    await lab.breakFault('first-case');
    const { run } = await lab.diagnose('default/mypod');
    const plans = await lab.plans(run);
    expect(Object.keys(plans).toSorted()).toEqual(bothFixes);
    return { profile: plans['create-pod-profile'] ?? '', rbac: plans['grant-controller-rbac'] ?? '' };
  };
  const cured = async () => {
    expect(await lab.ping('default/client', '10.244.1.5')).toBe(true);
    const { status, verdict } = await lab.diagnose('default/mypod');
    expect({ status, verdict }).toMatchObject({ status: 0, verdict: { verdict: 'healthy', roots: [], latent: [] } });
    await lab.heal();
  };

  test('the profile while IPIP is still blocked is verified, then the rights, then IPIP is allowed', async () => {
    const { profile, rbac } = await broken();
    expect(await lab.approve(profile)).toMatchObject({ status: 0, state: 'verified' });
    expect(await lab.ping('default/client', '10.244.1.5')).toBe(false);
    expect(await lab.approve(rbac)).toMatchObject({ status: 0, state: 'verified' });
    await lab.heal('ipip-blocked');
    await cured();
  }, 400_000);

  test('IPIP first, then the rights: the controller makes the profile, and its card is superseded', async () => {
    const { profile, rbac } = await broken();
    await lab.heal('ipip-blocked');
    expect(await lab.approve(rbac)).toMatchObject({ status: 0, state: 'verified' });
    await lab.profileMade('kns.default');
    expect(await lab.approve(profile)).toMatchObject({ status: 0, state: 'superseded' });
    await cured();
  }, 400_000);
});
