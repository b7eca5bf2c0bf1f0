/** What is watched around a fix, with real packets: a flow that a policy denies, and an old flow to another node. */
import { afterEach, expect, test } from '@jest/globals';
import { ruleGone, ruleThere } from '../../tools/lab/faults/steps.ts';
import { describeLab, labCommand, mustSucceed } from '../../tools/lab/harness.ts';
import { felixProcess } from '../../tools/lab/nodes/daemons.ts';
import { labPaths } from '../../tools/lab/paths.ts';
import { signalProcess } from '../../tools/lab/processes.ts';
import { administratorCalicoctl } from '../../tools/lab/objects/calico-datastore.ts';
import { askResident } from '../../tools/lab/operations/resident.ts';
import { run, until } from '../../tools/lab/run.ts';
import { sharedLab } from '../../tools/lab/shared-lab.ts';
import { readTopology } from '../../tools/lab/state.ts';
import { hostInterface } from '../../tools/lab/topology.ts';
import { realLab } from '../real/real-lab.ts';
import { loginsAt } from './disturbances.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
/** Admits pods of the same label alone: it refuses default/client and every pod of namespace shop. */
const webOnly = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'web-only', namespace: 'default' },
  spec: {
    podSelector: { matchLabels: { app: 'web' } },
    policyTypes: ['Ingress'],
    ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }],
  },
};
/** The same, kept by Calico alone: no controller is needed to take it away. */
const calicoWebOnly = {
  apiVersion: 'projectcalico.org/v3',
  kind: 'NetworkPolicy',
  metadata: { name: 'web-only', namespace: 'default' },
  spec: {
    selector: "app == 'web'",
    types: ['Ingress'],
    ingress: [{ action: 'Allow', source: { selector: "app == 'web'" } }],
  },
};
const denied = 'shop/db → default/mypod (8080/tcp, denied by policy web-only)';
const tierDrop = `-A cali-tw-${hostInterface('default', 'mypod')} .*End of tier default`;

describeLab('what is watched around a fix', () => {
  const name = sharedLab('--dataplane', 'legacy');
  const lab = labCommand(name);
  const program = realLab(name);
  const must = mustSucceed(lab);
  const onTarget = (what: string, command: string[]) =>
    until(what, 60, async () => ((await lab('exec', 'node-a', '--', ...command)).status === 0 ? true : null));
  const hasProfile = async () => (await lab('calicoctl', '--', 'get', 'profile', 'kns.default')).status === 0;

  const logins = () => Promise.all(['node-a', 'node-b', 'node-c'].map((node) => loginsAt(name, node)));

  /** The profile is missing while the policy stands: the plan of the profile's fix. */
  const broken = async (): Promise<string> => {
    await onTarget('Felix to refuse', ruleThere('legacy', tierDrop));
    await program.breakFault('profile-missing');
    return (await program.plans((await program.diagnose('default/mypod')).run))['create-pod-profile'] ?? '';
  };

  afterEach(async () => {
    signalProcess(labPaths(name), felixProcess('node-c'), 'SIGCONT');
    await program.heal();
    await lab('kube', 'DELETE', `${policies}/web-only`);
    await lab('calicoctl', '--', 'delete', 'networkpolicy', 'web-only', '-n', 'default');
    await onTarget('Felix to refuse no longer', ruleGone('legacy', tierDrop));
  }, 120_000);

  test('a flow that a policy denies stays denied: verified, and it is said what was watched', async () => {
    await must('kube', 'POST', policies, JSON.stringify(webOnly));
    const plan = await broken();
    const before = await logins();
    expect(await program.approve(plan)).toEqual({
      status: 0,
      state: 'verified',
      reason: `Verified: no profile chain ends the packet; the asked flow works. Watched: ${denied} stays denied.`,
    });
    // The flow's own two nodes, once each: controls take no further connection.
    expect((await logins()).map((count, at) => count - (before[at] ?? 0))).toEqual([1, 0, 1]);
    const { stdout } = await askResident(name, ['fix', 'show', plan]);
    expect(stdout).toContain('a flow from another namespace that a policy denies stays denied');
  }, 120_000);

  test('a policy that somebody deletes while the fix is applied: it is open now, so the profile is rolled back', async () => {
    await run(
      administratorCalicoctl(labPaths(name), readTopology(labPaths(name)), ['apply', '-f', '-']),
      JSON.stringify(calicoWebOnly),
    );
    const plan = await broken();
    // While Felix of the source's node sleeps nothing heals: there is time to do harm between apply and verify.
    signalProcess(labPaths(name), felixProcess('node-c'), 'SIGSTOP');
    const approving = program.approve(plan);
    await until('the profile to be made', 60, async () => ((await hasProfile()) ? true : null));
    await must('calicoctl', '--', 'delete', 'networkpolicy', 'web-only', '-n', 'default');
    await onTarget('Felix to let it in', ruleGone('legacy', tierDrop));
    signalProcess(labPaths(name), felixProcess('node-c'), 'SIGCONT');
    expect(await approving).toEqual({
      status: 1,
      state: 'rolled-back',
      reason: `${denied} was denied before, and is answered now. Rolled back: profile kns.default was deleted`,
    });
    expect(await hasProfile()).toBe(false);
  }, 180_000);

  test('rights for the controller: an old flow to another node still works', async () => {
    await program.breakFault('controller-forbidden');
    const plan = (await program.plans((await program.diagnose('default/mypod')).run))['grant-controller-rbac'] ?? '';
    expect(await program.approve(plan)).toMatchObject({
      status: 0,
      state: 'verified',
      reason: expect.stringContaining('shop/db → shop/api (8080/tcp)'),
    });
  }, 120_000);
});
