import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { ruleGone, ruleThere } from './faults/steps.ts';
import { describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { felixProcess } from './nodes/daemons.ts';
import { insideNode } from './nodes/machine.ts';
import { administratorCalicoctl } from './objects/calico-datastore.ts';
import { askResident } from './operations/resident.ts';
import { labPaths } from './paths.ts';
import { signalProcess, startProcess, stopProcess } from './processes.ts';
import { answersPing } from './ready.ts';
import { attempt, run, until, untilRuns } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';

const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const policy = (name: string, ingress: readonly unknown[]) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'], ingress },
});
const only = (root: string) => ({ verdict: 'fault', roots: [root], consequences: [], latent: [] });
const asked = ['default/mypod', '--from', 'pod:default/client'];
/** `End of tier default` in the pod's chain: policies select it. */
const tierEnd = 'cali-tw-cali4e199eba087 .*End of tier default';

describeLab('what a node drops, against what the datastore says', () => {
  const name = ownLab('outdated');
  const lab = labCommand(name);
  const paths = labPaths(name);
  const node = 'node-a';
  const felix = felixProcess(node);
  const takeBacks = takenBackAfterEach();

  const api = asAdministrator(paths);
  const masquerade = (how: '-I' | '-D') =>
    run(
      insideNode(paths, 'node-b', [
        'iptables-nft',
        '-t',
        'nat',
        how,
        'POSTROUTING',
        '-s',
        '10.244.2.7',
        '-o',
        'tunl0',
        '-j',
        'MASQUERADE',
      ]),
    );
  const onNode = (what: string, command: string[]) => untilRuns(what, 30, insideNode(paths, node, command));
  const datastore = async (kind: string) =>
    (await run(administratorCalicoctl(paths, readTopology(paths), ['get', kind, '-o', 'json']))).trim();
  const create = (object: ReturnType<typeof policy>) => api((one) => one.ensure(policies, object));
  /** Returns when Calico's own datastore no longer has it, whatever the nodes do. */
  const remove = async (which: string) => {
    await api((one) => one.remove(`${policies}/${which}`));
    await until(`${which} to leave the datastore`, 30, async () =>
      (await datastore('networkpolicy')).includes(which) ? null : true,
    );
  };
  const killFelix = async () => {
    await stopProcess(paths, felix);
    takeBacks.push(() => startProcess(paths, felix));
  };
  const hangFelix = async () => {
    signalProcess(paths, felix, 'SIGSTOP');
    takeBacks.push(async () => signalProcess(paths, felix, 'SIGCONT'));
  };
  const found = async () => {
    const { result, verdict } = await diagnose(name, ...asked);
    return { status: result.status, said: saidBy(verdict), verdict };
  };

  beforeAll(async () => {
    await mustSucceed(lab)('up', '--dataplane', 'nft');
  }, 120_000);
  afterEach(async () => {
    await healFaults(readTopology(paths), null);
    const left = await api((one) => one.list(policies));
    for (const { metadata } of left) await remove(metadata.name);
    await onNode('Felix to allow again', ruleGone('nft', `${tierEnd}|cali-pri-kns.default .*-j DROP`));
    await until('the pod to answer', 30, async () =>
      (await answersPing(paths, 'default/client', '10.244.1.5')) ? true : null,
    );
  }, 90_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  const denied = async () => {
    await create(policy('deny-web', []));
    await onNode('Felix to deny', ruleThere('nft', tierEnd));
  };

  test('a policy denies, and the datastore says so: the policy, with a dead Felix beside it as well', async () => {
    await denied();
    const live = await found();
    expect([live.status, live.said]).toEqual([1, only('policy-denies-ingress')]);
    expect(live.verdict.roots[0]?.detail).toContain('The datastore says the same');
    await killFelix();
    expect((await found()).said).toEqual({ ...only('policy-denies-ingress'), latent: ['felix-not-running'] });
  }, 120_000);

  test('a policy that admits only another source denies the one that is asked about', async () => {
    await create(
      policy('from-api', [{ from: [{ podSelector: { matchLabels: { app: 'api' } }, namespaceSelector: {} }] }]),
    );
    await onNode('Felix to deny', ruleThere('nft', tierEnd));
    const { status, said, verdict } = await found();
    expect([status, said, verdict.roots[0]?.subject.name]).toEqual([
      1,
      only('policy-denies-ingress'),
      'default/from-api',
    ]);
    const admitted = await diagnose(name, 'default/mypod', '--from', 'pod:shop/api');
    expect(saidBy(admitted.verdict).verdict).toBe('healthy');
  }, 120_000);

  test('a policy that admits the source refuses it under another address, which its node gives it', async () => {
    await create(policy('from-client', [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }]));
    await onNode('Felix to deny', ruleThere('nft', tierEnd));
    expect((await found()).said.verdict).toBe('healthy');
    await masquerade('-I');
    takeBacks.push(async () => void (await masquerade('-D')));
    const { status, said, verdict } = await found();
    expect([status, said]).toEqual([
      1,
      { ...only('source-address-rewritten'), consequences: ['policy-denies-ingress'] },
    ]);
    expect(verdict.roots[0]?.detail).toContain('-j MASQUERADE');
  }, 120_000);

  describe.each([
    ['is dead', killFelix, 'felix-not-running'],
    ['hangs', hangFelix, 'felix-rules-stale'],
  ])('a Felix that %s', (_, stop, root) => {
    test('has not heard that the denying policy is gone', async () => {
      await denied();
      await stop();
      await remove('deny-web');
      const folder = `${paths.root}/case-${root}`;
      const { result, verdict } = await diagnose(name, ...asked, '--case', folder);
      expect([result.status, saidBy(verdict)]).toEqual([1, only(root)]);
      expect(verdict.roots[0]?.detail).toContain('rule 1 of profile kns.default allows it');
      const again = await askResident(name, ['replay', folder, '--json']);
      expect([again.status, saidBy(JSON.parse(again.stdout))]).toEqual([1, only(root)]);
    }, 120_000);

    test('has not heard of a policy that admits the source', async () => {
      await denied();
      await stop();
      await create(policy('from-client', [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }]));
      await until('the policy in the datastore', 30, async () =>
        (await datastore('networkpolicy')).includes('from-client') ? true : null,
      );
      const { status, said, verdict } = await found();
      expect([status, said]).toEqual([1, only(root)]);
      expect(verdict.roots[0]?.detail).toContain('rule 1 of policy default/from-client allows it');
    }, 120_000);

    test('still stands in for a profile that is there again', async () => {
      await breakFault(readTopology(paths), 'profile-missing', []);
      await stop();
      // Put back by hand; the source's own node, whose Felix lives, programs it.
      const file = `${paths.root}/profile-again.json`;
      await writeFile(
        file,
        JSON.stringify({
          apiVersion: 'projectcalico.org/v3',
          kind: 'Profile',
          metadata: { name: 'kns.default' },
          spec: { ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] },
        }),
      );
      await run(administratorCalicoctl(paths, readTopology(paths), ['create', '-f', file]));
      await until('Felix of node-b to allow', 30, async () =>
        (await attempt(insideNode(paths, 'node-b', ruleGone('nft', 'cali-pro-kns.default .*-j DROP')))).status === 0
          ? true
          : null,
      );
      const { status, said } = await found();
      expect([status, said]).toEqual([1, only(root)]);
    }, 120_000);
  });

  test('a Felix that programs it in the meantime is no cause', async () => {
    await denied();
    await hangFelix();
    await remove('deny-web');
    // The asked packets are sent after the node's rules were read, and before they are read again.
    const sent = onNode('the packets of the run to be dropped', [
      'sh',
      '-c',
      `iptables-nft-save -c | grep -qE '^\\[[1-9][0-9]*:[0-9]+\\] -A ${tierEnd}'`,
    ]);
    const [{ said }] = await Promise.all([found(), sent.then(() => signalProcess(paths, felix, 'SIGCONT'))]);
    expect([said.roots, said.latent]).toEqual([[], []]);
  }, 120_000);
});
