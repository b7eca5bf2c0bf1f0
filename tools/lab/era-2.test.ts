/** The first case as it was in 2017: Calico 2.x, its policy controller, and calicoctl 1.6. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { diagnose, expectedOf, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { known } from './faults/known.ts';
import { answers, flow } from './faults/flows.ts';
import { ruleThere } from './faults/steps.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { labPaths } from './paths.ts';
import { run } from './run.ts';
import { readTopology } from './state.ts';

const healthy = { verdict: 'healthy', roots: [], consequences: [], latent: [] };
const lost = flow('default/client', 'default/mypod');

describeLab('a cluster of Calico 2.x', () => {
  const name = ownLab('era-2');
  const lab = labCommand(name);
  const now = () => readTopology(labPaths(name));
  const asked = ['default/mypod', '--from', 'pod:default/client'];
  const filter = (pattern: string) => run(insideNode(labPaths(name), 'node-a', ruleThere('legacy', pattern)));

  beforeAll(() => mustSucceed(lab)('up', '--era', '2', '--dataplane', 'legacy'), 180_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('the first case is found, its profile is made, and all that stays is advice', async () => {
    await breakFault(now(), 'first-case', []);
    // The tag of this one rule was seen in 2017.
    await filter('-A cali-pri-k8s_ns.default .*cali:yVw1jR_AsGFo9Rpe. -j DROP');
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual(expectedOf(known('first-case').expects));
    expect(verdict.blindSpots).toEqual([]);
    const account = verdict.roots.find(({ rule }) => rule === 'controller-forbidden');
    expect(account?.evidence.map(({ excerpt }) => excerpt).join('\n')).toContain('JSONDecodeError');
    expect(account?.advice?.commands).toContain(
      'kubectl -n kube-system set serviceaccount deployment calico-policy-controller calico-policy-controller',
    );
    const [missing] = verdict.consequences;
    expect([missing?.subject.name, missing?.proof, missing?.fix?.id]).toEqual([
      'k8s_ns.default',
      'counter',
      'create-pod-profile',
    ]);
    await healFaults(now(), 'ipip-blocked');
    const approve = ['ops', '--', 'calico-chatops', 'fix', 'approve', missing?.fix?.plan ?? '', '--as', 'somebody'];
    expect(await mustSucceed(lab)('ops', ...approve.slice(1))).toContain('verified');
    await filter('-A cali-pri-k8s_ns.default .*cali:UGCdoOXoPRcONGv8. -m mark --mark 0x1000000/0x1000000 -j RETURN');
    expect(await answers(now(), lost)).toBe(true);
  }, 180_000);

  test('with its account right again, it is healthy without a blind spot', async () => {
    await healFaults(now(), null);
    const { verdict } = await diagnose(name, ...asked);
    expect([saidBy(verdict), verdict.blindSpots]).toEqual([healthy, []]);
  }, 120_000);
});
