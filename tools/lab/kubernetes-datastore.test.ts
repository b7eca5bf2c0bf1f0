import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, offeredFixes, saidBy } from './diagnosis.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { ruleThere } from './faults/steps.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { felixProcess } from './nodes/daemons.ts';
import { insideNode } from './nodes/machine.ts';
import { startPod } from './nodes/pods.ts';
import { calicoPath } from './objects/calico-crds.ts';
import { ensureStored } from './objects/calico-kubernetes.ts';
import { ensurePod } from './objects/cluster.ts';
import { labPaths } from './paths.ts';
import { startProcess, stopProcess } from './processes.ts';
import { attempt, run, until } from './run.ts';
import { readTopology, writeTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';
import { labPod } from './topology.ts';

const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
const only = (root: string) => ({ verdict: 'fault', roots: [root], consequences: [], latent: [] });
const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/calico-node';

describeLab.each(calicoLabs.filter(({ dataplane }) => dataplane === 'nft'))(
  'a cluster whose datastore is the Kubernetes API, $calico',
  ({ calico, flags }) => {
    const name = ownLab(`kubernetes-${calico}`);
    const lab = labCommand(name);
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
    const broken = async (fault: string) => {
      takeBacks.push(() => healFaults(readTopology(paths), null));
      await breakFault(readTopology(paths), fault, []);
    };

    beforeAll(async () => {
      await mustSucceed(lab)('up', '--datastore', 'kubernetes', '--layout', 'operator', ...flags);
    }, 180_000);
    afterAll(async () => {
      await lab('down');
    }, 60_000);

    test('a healthy cluster is healthy, without calicoctl and without a blind spot', async () => {
      const there = await attempt(insideNode(paths, 'node-a', ['sh', '-c', 'command -v calicoctl; ls /etc/calico']));
      expect(there.stdout.trim()).toBe('pki');
      const verdict = await found(...asked);
      expect(saidBy(verdict)).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
      expect(blindSpots).toEqual([]);
      expect(verdict.setup).toMatchObject({
        install: 'operator',
        namespace: 'calico-system',
        datastore: 'kubernetes',
        dataplanes: [{ dataplane: 'iptables-nft' }, { dataplane: 'iptables-nft' }],
        pair: { there: 'ipip', back: 'ipip' },
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
      takeBacks.push(() => api((one) => one.remove(`${calicoPath('NetworkPolicy', 'default')}/default.only-shop`)));
      await until('the policy on node-a', 30, async () => {
        const rule = ruleThere('nft', 'cali-tw-cali4e199eba087 .*End of tier default');
        return (await attempt(insideNode(paths, 'node-a', rule))).status === 0 ? true : null;
      });
      const verdict = await found(...asked);
      expect(saidBy(verdict)).toEqual(only('policy-denies-ingress'));
      expect(verdict.roots[0]).toMatchObject({
        subject: { kind: 'Policy', name: 'default/default.only-shop' },
        detail: expect.stringContaining('The datastore says the same.'),
        advice: { commands: expect.arrayContaining([expect.stringMatching(/^kubectl -n default edit .*only-shop/)]) },
      });
    }, 120_000);

    test.each([
      ['foreign-drop', 'foreign-rule-drops'],
      ['ipip-blocked', 'ipip-lost-between-nodes'],
    ])(
      '%s',
      async (fault, root) => {
        await broken(fault);
        expect(saidBy(await found(...asked))).toEqual(only(root));
      },
      180_000,
    );

    test('Felix may not read namespaces: a new pod is not programmed, and no profile is offered', async () => {
      const node = 'node-a';
      const { rules } = await api((one) => one.get(role));
      const resources = JSON.stringify(rules).replace('"namespaces",', '');
      expect(resources).not.toBe(JSON.stringify(rules));
      takeBacks.push(async () => {
        await api((one) => one.patch(role, { rules }));
        await restartFelix();
      });
      const restartFelix = async () => {
        await stopProcess(paths, felixProcess(node));
        await startProcess(paths, felixProcess(node));
      };
      await api((one) => one.patch(role, { rules: JSON.parse(resources) }));
      await restartFelix();
      const log = ['grep', '-qE', 'namespaces.* is forbidden', '/var/log/calico/felix.log'];
      await until('Felix to be refused', 60, async () =>
        (await attempt(insideNode(paths, node, log))).status === 0 ? true : null,
      );
      const pod = labPod({
        namespace: 'default',
        name: 'newpod',
        node,
        ip: '10.244.1.6',
        labels: { app: 'new' },
        ports: [{ name: 'http', port: 8080, speaks: 'http' }],
        owner: null,
      });
      const topology = readTopology(paths);
      await startPod(paths, pod);
      await api((one) => ensurePod(one, topology, pod, null));
      writeTopology(paths, { ...topology, pods: [...topology.pods, pod] });
      // As the CNI plugin leaves it.
      await run(insideNode(paths, node, ['ip', 'route', 'replace', `${pod.ip}/32`, 'dev', pod.interface]));
      const verdict = await found('default/newpod', '--from', 'pod:default/client', '--port', '8080/tcp');
      expect(verdict.roots.map(({ rule }) => rule)).toEqual(['calico-node-forbidden']);
      expect([verdict.verdict, verdict.flow, saidBy(verdict).latent]).toEqual(['fault', 'fails', []]);
    }, 180_000);
  },
);
