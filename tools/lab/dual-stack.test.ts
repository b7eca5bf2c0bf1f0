/** Nodes and pods with addresses of both families: flows of IPv6 are judged by what a kernel does with them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { asAdministrator } from './control-plane/api.ts';
import { diagnose, offeredFixes, saidBy, type Said } from './diagnosis.ts';
import { ipv6Of } from './dual-stack.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, nftablesLabs, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { labPaths } from './paths.ts';
import { run } from './run.ts';
import { readTopology } from './state.ts';
import { takenBackAfterEach } from './take-backs.ts';
import { podNamed } from './topology.ts';

const said = (roots: string[]): Said => ({
  verdict: roots.length > 0 ? 'fault' : 'healthy',
  roots,
  consequences: [],
  latent: [],
});

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
        const rule = ['FORWARD', '-p', 'tcp', '--dport', '8080', '-d', address(), '-j', 'DROP'];
        takeBacks.push(() => inNode('node-a', 'ip6tables-nft', '-D', ...rule));
        await inNode('node-a', 'ip6tables-nft', '-I', ...rule);
      }
      expect(await proofs()).toEqual([said(['foreign-rule-drops']), 'counter', []]);
      expect(saidBy(await judged('ipv4'))).toEqual(said([]));
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
