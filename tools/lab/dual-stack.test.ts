/** Nodes and pods with addresses of both families: flows of IPv6 are judged by what a kernel does with them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, offeredFixes, saidBy, type Said } from './diagnosis.ts';
import { ipv6Of, poolName6 } from './dual-stack.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { forgetService, programService } from './faults/kube-proxy.ts';
import type { Step } from './faults/steps.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, nftablesLabs, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { ensureService, removeService } from './objects/services.ts';
import { labPaths } from './paths.ts';
import { run } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';
import { addresses, podNamed } from './topology.ts';

const said = (roots: string[]): Said => ({
  verdict: roots.length > 0 ? 'fault' : 'healthy',
  roots,
  consequences: [],
  latent: [],
});

const commandOf = (step: Step): readonly string[] => (step.do === 'run' ? step.command : []);

describeLab.each([...calicoLabs.filter(({ dataplane }) => dataplane === 'nft'), ...nftablesLabs])(
  'a lab of both families, $dataplane, $calico',
  ({ dataplane, calico, flags }) => {
    const name = ownLab(`dual-${dataplane}-${calico}`);
    const lab = labCommand(name);
    const paths = labPaths(name);
    const now = () => readTopology(paths);
    const takeBacks = takenBackAfterEach();
    const inNode = (node: string, ...argv: string[]) => run(insideNode(paths, node, argv));
    const asked = ['default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp'];
    const judged = async (family: 'ipv4' | 'ipv6') => (await diagnose(name, ...asked, '--family', family)).verdict;
    const ofService = async (service: string, ...rest: string[]) =>
      (await diagnose(name, `svc:default/${service}`, '--from', 'pod:default/client', ...rest)).verdict;
    const sent = async (to: string) => (await diagnose(name, 'default/client', '--to', to, '--family', 'ipv6')).verdict;
    const proofs = async () => {
      const verdict = await judged('ipv6');
      return [saidBy(verdict), ...verdict.roots.map(({ proof }) => proof), verdict.blindSpots];
    };
    const address = () => ipv6Of(podNamed(now(), 'default/mypod').ip);

    beforeAll(async () => {
      const cluster = ['--datastore', 'kubernetes', '--encap', 'vxlan', '--families', 'dual'];
      await mustSucceed(lab)('up', ...flags, ...cluster);
    }, 240_000);
    afterEach(() => healFaults(now(), null), 120_000);
    afterAll(async () => {
      await lab('down');
    }, 60_000);

    test('a flow of each family is healthy, without a blind spot', async () => {
      for (const family of ['ipv4', 'ipv6'] as const) {
        const verdict = await judged(family);
        expect([family, saidBy(verdict), verdict.blindSpots]).toEqual([family, said([]), []]);
        expect(verdict.notes).toContainEqual(expect.stringMatching(family === 'ipv6' ? /^Only IPv6/ : /^Only IPv4/));
      }
    }, 120_000);

    test('a policy that denies is proved by the counter of its rule of IPv6', async () => {
      await breakFault(now(), 'policy-deny', []);
      expect(await proofs()).toEqual([said(['policy-denies-ingress']), 'counter', []]);
    }, 120_000);

    test('a rule of another program among those of IPv6 takes packets of IPv6 alone', async () => {
      if (dataplane === 'nftables') {
        takeBacks.push(() => inNode('node-a', 'nft', 'delete table ip6 host-firewall'));
        const hook = 'type filter hook forward priority 10';
        const drop = `ip6 daddr ${address()} tcp dport 8080 counter drop`;
        await inNode('node-a', 'nft', `table ip6 host-firewall { chain forward { ${hook}; ${drop}; }; }`);
      } else {
        const rule = ['-p', 'tcp', '--dport', '8080', '-d', address(), '-j', 'DROP'];
        takeBacks.push(() => inNode('node-a', 'ip6tables-nft', '-D', 'FORWARD', ...rule));
        await inNode('node-a', 'ip6tables-nft', '-I', 'FORWARD', '2', ...rule); // where Felix leaves it, below its own
      }
      expect(await proofs()).toEqual([said(['foreign-rule-drops']), 'counter', []]);
      expect(saidBy(await judged('ipv4'))).toEqual(said([]));
    }, 120_000);

    test('a Service of both families is tried at its address of the family', async () => {
      await breakFault(now(), 'service-outdated', ['endpoints=current']);
      for (const family of ['ipv4', 'ipv6'] as const) {
        const verdict = await ofService('web', '--family', family);
        expect([family, saidBy(verdict), verdict.blindSpots]).toEqual([family, said([]), []]);
        expect(verdict.notes).toContainEqual(expect.stringContaining('Service default/web also has the IPv'));
      }
    }, 120_000);

    test('a Service whose rules of IPv6 alone are gone is broken by IPv6, and works by IPv4', async () => {
      await breakFault(now(), 'service-outdated', ['endpoints=current']);
      await inNode('node-b', 'ip6tables-nft', '-t', 'nat', '-F', 'KUBE-SERVICES');
      const verdict = await ofService('web', '--family', 'ipv6');
      expect(saidBy(verdict)).toEqual(said(['service-path-broken']));
      expect(verdict.roots[0]?.advice?.commands).toContainEqual(expect.stringMatching(/^ip6tables-save -t nat /));
      expect(saidBy(await ofService('web', '--family', 'ipv4'))).toEqual(said([]));
    }, 120_000);

    test('kube-proxy that sends IPv6 to a pod that is gone is named', async () => {
      await breakFault(now(), 'service-outdated', []);
      const verdict = await ofService('web', '--family', 'ipv6');
      expect([saidBy(verdict), verdict.blindSpots]).toEqual([said(['service-path-broken']), []]);
      expect(verdict.roots[0]?.title).toContain(`[${ipv6Of('10.244.1.60')}]:8080`);
    }, 120_000);

    test('a Service of IPv6 alone is judged by it, and is never healthy by IPv4', async () => {
      const web = ['default/mypod', 'default/twin'].map((one) => podNamed(now(), one));
      const endpoints = web.map(({ ip }) => ({ ip, port: 8080 }));
      const rules = { namespace: 'default', name: 'web-six', portName: 'http', port: 8080, endpoints };
      const api = asAdministrator(paths);
      const of6 = { name: 'web-six', namespace: 'default', families: ['IPv6'], behind: web } as const;
      await api((to) => ensureService(to, of6));
      takeBacks.push(() => api((to) => removeService(to, of6)));
      await inNode('node-b', ...commandOf(programService(now(), 'node-b', rules)));
      takeBacks.push(() => inNode('node-b', ...commandOf(forgetService(now(), 'node-b', rules))));
      const six = await ofService('web-six');
      expect([saidBy(six), six.blindSpots]).toEqual([said([]), []]);
      const four = await ofService('web-six', '--family', 'ipv4');
      expect(saidBy(four)).toEqual({ ...said([]), verdict: 'inconclusive' });
      expect(four.blindSpots).toContainEqual(
        expect.objectContaining({ reason: expect.stringContaining('Service default/web-six has no IPv4 address') }),
      );
    }, 120_000);

    test('what pods send outside by IPv6 is translated, or its pool is named', async () => {
      const to = `outside:${ipv6Of(addresses.outside)}`;
      const healthy = await sent(to);
      expect([saidBy(healthy), healthy.blindSpots]).toEqual([said([]), []]);
      await breakFault(now(), 'nat-outgoing-off', []);
      const verdict = await sent(to);
      expect([saidBy(verdict), verdict.roots.map(({ proof }) => proof)]).toEqual([
        said(['nat-outgoing-missing']),
        ['capture'],
      ]);
      expect(verdict.roots[0]?.title).toContain(poolName6);
    }, 120_000);

    test('a node is reached by IPv6, and the API without such an address is not judged by it', async () => {
      const node = await sent('node:node-a');
      expect([saidBy(node), node.blindSpots]).toEqual([said([]), []]);
      const api = await sent('api');
      expect(saidBy(api)).toEqual({ ...said([]), verdict: 'inconclusive' });
      expect(api.blindSpots).toContainEqual(
        expect.objectContaining({ reason: expect.stringContaining('Service default/kubernetes has no IPv6 address') }),
      );
    }, 120_000);

    test('VXLAN that is lost between the nodes is captured at both', async () => {
      await breakFault(now(), 'vxlan-blocked', []);
      expect(await proofs()).toEqual([said(['vxlan-lost-between-nodes']), 'capture', []]);
    }, 120_000);

    test('a node that does not know the other in the tunnel of IPv6 reaches it by IPv4', async () => {
      await breakFault(now(), 'vxlan-neighbour-lost', ['lost=neighbour6']);
      expect(await proofs()).toEqual([said(['vxlan-neighbour-lost']), 'read', []]);
      expect(saidBy(await judged('ipv4'))).toEqual(said([]));
    }, 120_000);

    test("a pod's route of IPv6 that is gone is the cause", async () => {
      // Felix does not read routes again.
      await breakFault(now(), 'pod-route-missing', []);
      await inNode('node-a', 'ip', '-6', 'route', 'del', address());
      const verdict = await judged('ipv6');
      expect([saidBy(verdict), offeredFixes(verdict)]).toEqual([said(['pod-route-missing']), ['restart-felix']]);
      expect(verdict.roots[0]?.advice?.commands).toContainEqual(
        expect.stringMatching(new RegExp(`^ip -6 route replace ${address()} dev cali`)),
      );
      // A Felix that starts writes the routes of both families.
      const plan = verdict.roots[0]?.fix?.plan ?? '';
      await mustSucceed(lab)('ops', '--', 'calico-chatops', 'fix', 'approve', plan, '--as', 'operator');
      expect(saidBy(await judged('ipv6'))).toEqual(said([]));
    }, 180_000);

    test('a node that does not forward IPv6 is found', async () => {
      const forwarding = 'net.ipv6.conf.all.forwarding';
      takeBacks.push(() => inNode('node-a', 'sysctl', '-qw', `${forwarding}=1`));
      await inNode('node-a', 'sysctl', '-qw', `${forwarding}=0`);
      expect(await proofs()).toEqual([said(['ip-forward-disabled']), 'read', []]);
    }, 120_000);

    test('a pod of IPv6 alone is judged by it, without being asked to', async () => {
      const path = '/api/v1/namespaces/default/pods/mypod';
      const both = podNamed(now(), 'default/mypod').ip;
      const only = async (addresses: readonly string[]) => {
        const networks = addresses.map((one) => `${one}/${one.includes(':') ? 128 : 32}`);
        const api = asAdministrator(paths);
        await api((to) =>
          to.patch(path, {
            metadata: {
              annotations: {
                'cni.projectcalico.org/podIP': networks[0],
                'cni.projectcalico.org/podIPs': networks.join(','),
              },
            },
          }),
        );
        // podIPs are merged by their address.
        const status = { podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) };
        await api((to) => to.patch(`${path}/status`, { status }));
      };
      takeBacks.push(() => only([both, address()]));
      await only([address()]);
      const { verdict } = await diagnose(name, ...asked);
      expect([saidBy(verdict), verdict.blindSpots]).toEqual([said([]), []]);
      expect(verdict.notes).not.toContainEqual(expect.stringContaining('Only IPv6 was tried'));
    }, 120_000);
  },
);
