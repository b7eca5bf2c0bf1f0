import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { expectedOf } from '../../tools/lab/diagnosis.ts';
import type { Encap } from '../../tools/lab/encapsulation.ts';
import { expectedIn } from '../../tools/lab/faults/broken-cases.ts';
import { known } from '../../tools/lab/faults/known.ts';
import { ownLab } from '../../tools/lab/lab-command.ts';
import { describeRealKubernetes } from './labs.ts';
import { realLab } from './real-lab.ts';

const said = ({ verdict, roots, consequences, latent }: ReturnType<typeof expectedOf>) => ({
  verdict,
  roots,
  consequences,
  latent,
  blindSpots: [],
});
const healthy = said({ verdict: 'healthy', roots: [], consequences: [], latent: [] });

/** A policy, a foreign drop, a lost tunnel, what stands in for a profile, and the first case. */
const faults = ['policy-deny', 'foreign-drop', 'calico-node-forbidden', 'first-case'] as const;
const lost = (encap: Encap) => (encap === 'ipip' ? 'ipip-blocked' : 'vxlan-blocked');

describeRealKubernetes('verdicts on real Calico, $words', ({ cluster, words, flags }) => {
  const lab = realLab(ownLab(`real-${words.split(' ').slice(2).join('-')}`));
  const judged = async (...asks: string[]) => {
    const { said: all } = await lab.diagnose(...asks);
    return { ...said(all), blindSpots: all.blindSpots };
  };

  beforeAll(() => lab.up(flags), 180_000);
  afterEach(() => lab.heal(), 120_000);
  afterAll(() => lab.down(), 60_000);

  test('nothing broken: healthy, three times in a row', async () => {
    for (const time of [1, 2, 3]) expect({ time, ...(await judged('default/mypod')) }).toEqual({ time, ...healthy });
  }, 180_000);

  test.each([...faults, lost(cluster.encap)])(
    '%s: its own causes and no other; healthy once it is healed',
    async (fault) => {
      const { asks, ...expects } = expectedIn(cluster, known(fault));
      await lab.breakFault(fault);
      expect(await judged(...asks, '--from', 'pod:default/client')).toEqual(said(expectedOf({ asks, ...expects })));
      await lab.heal(fault);
      expect(await judged('default/mypod')).toEqual(healthy);
    },
    240_000,
  );
});
