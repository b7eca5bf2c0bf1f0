/** Calico's own table of nftables, without iptables: what is found there is right, with few diagnoses. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { flagsOfSuite } from './cluster-kinds.ts';
import { administrator } from './control-plane/api.ts';
import { diagnose, expectedOf, offeredFixes, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue/registry.ts';
import { answers, flow } from './faults/flows.ts';
import { ruleThere } from './faults/steps.ts';
import { describeLab, labCommand, mustSucceed, nftablesLabs, ownLab } from './harness.ts';
import { kubeProxyTable } from './kube-proxy-table.ts';
import { felixProcess } from './nodes/daemons.ts';
import { insideNode } from './nodes/machine.ts';
import { labPaths } from './paths.ts';
import { signalProcess } from './processes.ts';
import { run, untilRuns } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';

const healthyWords = { verdict: 'healthy', roots: [], consequences: [], latent: [] };
const only = (root: string) => ({ verdict: 'fault', roots: [root], consequences: [], latent: [] });
const broken = ['first-case', 'calico-hooks-missing', 'tunnel-hosts-outdated', 'iptables-backend-split'];

describeLab.each(nftablesLabs)('a lab whose Felix programs nftables, $calico', ({ calico, flags }) => {
  const name = ownLab(`nftables-${calico}`);
  const lab = labCommand(name);
  const paths = labPaths(name);
  const now = () => readTopology(paths);
  const takeBacks = takenBackAfterEach();
  const asked = ['default/mypod', '--from', 'pod:default/client'];
  const nft = (text: string) => run(insideNode(paths, 'node-a', ['nft', text]));
  const listed = async () =>
    (await run(insideNode(paths, 'node-a', ['nft', '-s', 'list', 'table', 'ip', 'calico']))).split('\n').toSorted();
  let healthy: readonly string[];

  beforeAll(async () => {
    await mustSucceed(lab)('up', ...flags, ...flagsOfSuite('nftables.test.ts'));
    healthy = await listed();
  }, 180_000);
  afterEach(() => healFaults(now(), null), 120_000);
  afterAll(async () => {
    await lab('down');
  }, 60_000);

  test('healthy is healthy, and the dataplane is named', async () => {
    const { verdict } = await diagnose(name, ...asked);
    expect([saidBy(verdict), verdict.blindSpots, offeredFixes(verdict)]).toEqual([healthyWords, [], []]);
    expect(verdict.setup?.dataplanes).toEqual([
      { node: 'node-a', dataplane: 'nftables' },
      { node: 'node-b', dataplane: 'nftables' },
    ]);
  }, 60_000);

  test("kube-proxy's table beside it is no alarm", async () => {
    takeBacks.push(() => nft('delete table ip kube-proxy'));
    await nft(kubeProxyTable);
    const { verdict } = await diagnose(name, ...asked, '--port', '8080/tcp');
    expect([saidBy(verdict), verdict.blindSpots]).toEqual([healthyWords, []]);
  }, 60_000);

  test.each(broken)(
    '%s is found',
    async (fault) => {
      const { expects } = catalogue.find((one) => one.name === fault) ?? {};
      if (!expects) throw new Error(`no fault ${fault}`);
      await breakFault(now(), fault, []);
      const { verdict } = await diagnose(name, ...asked);
      expect(saidBy(verdict)).toEqual(expectedOf(expects));
      expect(await answers(now(), flow('default/client', 'default/mypod'))).toBe(false);
      await healFaults(now(), null);
      expect(await listed()).toEqual(healthy);
    },
    150_000,
  );

  test('the fix of a missing profile is verified', async () => {
    await breakFault(now(), 'profile-missing', []);
    const { verdict } = await diagnose(name, ...asked);
    const plan = [...verdict.roots, ...verdict.consequences].find(({ fix }) => fix)?.fix;
    expect(plan?.id).toBe('create-pod-profile');
    const approve = ['ops', '--', 'calico-chatops', 'fix', 'approve', plan?.plan ?? '', '--as', 'somebody'] as const;
    expect(await mustSucceed(lab)(...approve)).toContain('verified');
  }, 120_000);

  test('a table of another program that drops is named, with its rule', async () => {
    takeBacks.push(() => nft('delete table inet hardening'));
    await nft(
      'table inet hardening { chain fw { type filter hook forward priority -5\n' +
        'ip daddr 10.244.1.5 counter drop comment "no pods"\n}\n}',
    );
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual(only('foreign-rule-drops'));
    expect(verdict.roots[0]).toMatchObject({ proof: 'counter', subject: { name: 'hardening fw 1' } });
  }, 60_000);

  test('a hanging Felix has not heard that a denying policy is gone', async () => {
    const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
    const api = administrator(paths);
    takeBacks.push(async () => api.close());
    await api.ensure(policies, {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny-web', namespace: 'default' },
      spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
    });
    takeBacks.push(() => api.remove(`${policies}/deny-web`).catch(() => null));
    const denies = ruleThere('nftables', 'cali-tw-cali4e199eba087 .*End of tier default');
    await untilRuns('Felix to deny', 60, insideNode(paths, 'node-a', denies));
    signalProcess(paths, felixProcess('node-a'), 'SIGSTOP');
    takeBacks.push(async () => signalProcess(paths, felixProcess('node-a'), 'SIGCONT'));
    await api.remove(`${policies}/deny-web`);
    const { verdict } = await diagnose(name, ...asked);
    expect(saidBy(verdict)).toEqual(only('felix-rules-stale'));
  }, 120_000);
});
