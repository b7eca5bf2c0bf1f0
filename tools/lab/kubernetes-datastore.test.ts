import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { existsSync } from 'node:fs';
import { flagsOf, testedElsewhere } from './cluster-kinds.ts';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, expectedOf, offeredFixes, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { brokenCases, type BrokenCase } from './faults/broken-cases.ts';
import { ruleGone, ruleThere } from './faults/steps.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { calicoPath } from './objects/calico-crds.ts';
import { ensureStored } from './objects/calico-kubernetes.ts';
import { labPaths } from './paths.ts';
import { attempt, until, untilRuns } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';

const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
const only = (root: string) => ({ verdict: 'fault', roots: [root], consequences: [], latent: [] });
/** What Felix does not learn, for want of rights or of Typha, shows at a new pod. */
const isAsked = ({ fault, given }: BrokenCase) =>
  ['first-case', 'calico-node-forbidden', 'datastore-locked', 'foreign-drop'].includes(fault) ||
  (fault === 'typha-unavailable' && ['new-pod=true', 'how=certificate'].includes(given.join(' ')));

describeLab.each(calicoLabs.filter(({ dataplane }) => dataplane === 'nft'))(
  'a cluster of an operator whose nodes are read through the agent, $calico',
  ({ calico, flags }) => {
    const name = ownLab(`kubernetes-${calico}`);
    const lab = labCommand(name);
    // The lab's Typha does not speak with real Calico.
    const typha = calico === 'stand-ins' || existsSync(`${process.env['LAB_CALICO_BIN']}/calico-typha`);
    const cluster = { ...testedElsewhere['kubernetes-datastore.test.ts'].cluster, typha };
    const paths = labPaths(name);
    const takeBacks = takenBackAfterEach();
    const api = asAdministrator(paths);
    const blindSpots: string[] = [];
    /** What a diagnosis says; its blind spots are kept. */
    const found = async (...rest: string[]) => {
      const { verdict } = await diagnose(name, ...rest);
      blindSpots.push(...verdict.blindSpots.map(({ reason }) => reason));
      expect(offeredFixes(verdict)).toEqual([]);
      return verdict;
    };
    const broken = async (fault: string, given: string[]) => {
      takeBacks.push(() => healFaults(readTopology(paths), null));
      await breakFault(readTopology(paths), fault, given);
    };

    beforeAll(async () => {
      await mustSucceed(lab)('up', ...flags, ...flagsOf(cluster));
    }, 180_000);
    // Those of one test are not another's.
    afterEach(() => void blindSpots.splice(0));
    afterAll(async () => {
      await lab('down');
    }, 60_000);

    test('a healthy cluster is healthy without a blind spot, without calicoctl and without SSH', async () => {
      for (const { name: node } of readTopology(paths).nodes) {
        const left = 'command -v calicoctl calico-chatops-node; ls -d /etc/calico; pgrep sshd';
        expect((await attempt(insideNode(paths, node, ['sh', '-c', left]))).stdout).toBe('');
      }
      const verdict = await found(...asked);
      expect(saidBy(verdict)).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
      expect(blindSpots).toEqual([]);
      expect(verdict.setup).toMatchObject({
        install: 'operator',
        namespace: 'calico-system',
        datastore: 'kubernetes',
        dataplanes: [{ dataplane: 'iptables-nft' }, { dataplane: 'iptables-nft' }],
        pair: { there: 'vxlan', back: 'vxlan' },
      });
    }, 120_000);

    test("a controller that is scaled to 0 is its operator's to start", async () => {
      const deployment = '/apis/apps/v1/namespaces/calico-system/deployments/calico-kube-controllers';
      takeBacks.push(async () => {
        await api((one) => one.patch(deployment, { spec: { replicas: 1 } }));
        await until('the controller to run', 60, async () => {
          const pods = await api((one) => one.list('/api/v1/namespaces/calico-system/pods'));
          const own = pods.filter(({ metadata }) => metadata.name.includes('kube-controllers'));
          return own.some(({ status }) => status?.['phase'] === 'Running') ? true : null;
        });
      });
      await api((one) => one.patch(deployment, { spec: { replicas: 0 } }));
      await until('the controller to stop', 60, async () => {
        const pods = await api((one) => one.list('/api/v1/namespaces/calico-system/pods'));
        return pods.some(({ metadata }) => metadata.name.includes('kube-controllers')) ? null : true;
      });
      const verdict = await found(...asked);
      expect(saidBy(verdict)).toMatchObject({ roots: [], latent: ['controller-not-running'] });
      const commands = verdict.latent[0]?.advice?.commands.join('; ') ?? '';
      expect(commands).toContain('-n calico-system get deployment');
      expect(commands).not.toMatch(/kube-system|--replicas/);
    }, 120_000);

    test("Calico's own policy, by its name and by what the datastore says of it", async () => {
      await api((one) =>
        ensureStored(
          one,
          'NetworkPolicy',
          'default.only-shop',
          {
            tier: 'default',
            selector: "app == 'web'",
            types: ['Ingress'],
            ingress: [{ action: 'Allow', source: { namespaceSelector: "team == 'shop'" } }],
          },
          'default',
        ),
      );
      const tierEnd = 'cali-tw-cali4e199eba087 .*End of tier default';
      takeBacks.push(async () => {
        await api((one) => one.remove(`${calicoPath('NetworkPolicy', 'default')}/default.only-shop`));
        // A Felix that the next test stops before it has heard of this would keep the policy's rules.
        await untilRuns('the policy to leave node-a', 60, insideNode(paths, 'node-a', ruleGone('nft', tierEnd)));
      });
      await untilRuns('the policy on node-a', 60, insideNode(paths, 'node-a', ruleThere('nft', tierEnd)));
      const verdict = await found(...asked);
      expect(saidBy(verdict)).toEqual(only('policy-denies-ingress'));
      expect(verdict.roots[0]).toMatchObject({
        subject: { kind: 'Policy', name: 'default/default.only-shop' },
        detail: expect.stringContaining('The datastore says the same.'),
        advice: { commands: expect.arrayContaining([expect.stringMatching(/^kubectl -n default edit .*only-shop/)]) },
      });
    }, 120_000);

    test.each(brokenCases(cluster).filter(isAsked))(
      '$fault $given',
      async ({ fault, given, expects }) => {
        await broken(fault, given);
        const from = ['--from', 'pod:default/client', '--port', '8080/tcp'];
        for (const { asks, ...judgement } of [expects, ...expects.others])
          expect(saidBy(await found(...asks, ...from))).toEqual(expectedOf({ asks, ...judgement }));
        expect(blindSpots).toEqual([]);
      },
      180_000,
    );
  },
);
