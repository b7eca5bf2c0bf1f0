import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ownLab } from '../../tools/lab/lab-command.ts';
import { describeRealLabs } from './labs.ts';
import { realLab } from './real-lab.ts';

describeRealLabs('the first case cured on real Calico, iptables $dataplane', ({ dataplane, flags }) => {
  const lab = realLab(ownLab(`fixes-${dataplane}`));
  const pings = () => lab.ping('default/client', '10.244.1.5');

  beforeAll(() => lab.up(flags), 120_000);
  afterAll(() => lab.down(), 60_000);

  /** Breaks the first case and diagnoses it: the plans of its two fixes. */
  const broken = async () => {
    await lab.breakFault('first-case');
    const { run } = await lab.diagnose('default/mypod');
    const plans = await lab.plans(run);
    expect(Object.keys(plans).toSorted()).toEqual(['create-pod-profile', 'grant-controller-rbac']);
    return { profile: plans['create-pod-profile'] ?? '', rights: plans['grant-controller-rbac'] ?? '' };
  };
  const cured = async () => {
    expect(await pings()).toBe(true);
    expect((await lab.diagnose('default/mypod')).said).toMatchObject({
      status: 0,
      verdict: 'healthy',
      roots: [],
      latent: [],
    });
    await lab.heal();
  };
  const verified = { status: 0, state: 'verified' };

  test.each([{ ipip: 'before' }, { ipip: 'after' }])(
    'the profile first, then the rights; IPIP is allowed $ipip them',
    async ({ ipip }) => {
      const { profile, rights } = await broken();
      if (ipip === 'before') await lab.heal('ipip-blocked');
      expect(await lab.approve(profile)).toMatchObject(verified);
      expect(await pings()).toBe(ipip === 'before');
      expect(await lab.approve(rights)).toMatchObject(verified);
      if (ipip === 'after') await lab.heal('ipip-blocked');
      await cured();
    },
    400_000,
  );

  test.each([{ ipip: 'before' }, { ipip: 'after' }])(
    'the rights first: the controller makes the profile, and its card is superseded; IPIP is allowed $ipip',
    async ({ ipip }) => {
      const { profile, rights } = await broken();
      if (ipip === 'before') await lab.heal('ipip-blocked');
      expect(await lab.approve(rights)).toMatchObject(verified);
      await lab.profileMade('kns.default');
      expect(await lab.approve(profile)).toMatchObject({ status: 0, state: 'superseded' });
      if (ipip === 'after') await lab.heal('ipip-blocked');
      await cured();
    },
    400_000,
  );
});
