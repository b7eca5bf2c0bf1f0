/**
 * What other programs leave on sound nodes: rules, interfaces, routing rules. The flow that works stays healthy, and
 * one that fails for a reason that nobody sees is not blamed on them.
 */
import { describe, expect, test } from '@jest/globals';
import { changed, captured, valueOf } from '../support/facts.ts';
import {
  linked,
  listed,
  onBoth,
  routing,
  ruled,
  save,
  together,
  type Change,
  type Place,
} from '../support/changed-nodes.ts';
import { saidOf } from '../support/judged-facts.ts';
import { withSettings } from '../support/network-facts.ts';
import { walkedAgain } from '../support/walked-again.ts';
import { lost, policy, rerouted } from '../support/ways.ts';

/** As `cilium` moves it, so that its own rule comes first: the rule of the table local. */
const localAt100 =
  (place: Place): Change =>
  (facts) => {
    const { rules, tables } = policy(['9:	from all fwmark 0x200/0xf00 lookup 2004', '100:	from all lookup local'], {
      2004: [{ type: 'local', device: 'lo' }],
    });
    return changed(facts, { [`routing@${place}`]: { tables, rules: rules.filter(({ priority }) => priority !== 0) } });
  };
/** Calico's own, where it encrypts: https://docs.tigera.io/calico/latest/network-policy/encrypt-cluster-pod-traffic. */
const wireguard =
  (place: Place): Change =>
  (facts) => {
    const { source, destination } = valueOf(facts, 'flow');
    const [own, other] = place === 'target' ? [destination, source] : [source, destination];
    return together(
      linked(place, 'wireguard.cali', ['10.244.77.1'], { mtu: 1440 }),
      routing(place, ['99:	not from all fwmark 0x100000/0x100000 lookup 1'], {
        1: [
          { type: 'throw', destination: `${own.address}/32` },
          { type: 'throw', destination: '10.250.0.0/24' },
          { destination: `${other.address}/32`, device: 'wireguard.cali' },
        ],
      }),
    )(facts);
  };
/** A pod of the second network interface of a node of EC2: https://github.com/aws/amazon-vpc-cni-k8s. */
const secondEni: Change = (facts) => {
  const { address } = valueOf(facts, 'flow').destination;
  const rules = [`512:	from all to ${address} lookup main`, `1536:	from ${address} lookup 2`];
  const tables = { 2: [{ device: 'eth1', gateway: '10.250.0.1' }] };
  return together(byCloud('target'), byCloud('source'), routing('target', rules, tables))(facts);
};
/** The network of the cloud knows the pods: they have addresses of no pool, and no node has routes for blocks. */
const byCloud =
  (place: Place): Change =>
  (facts) =>
    changed(facts, {
      pools: [],
      [`routes@${place}`]: valueOf(facts, `routes@${place}`).filter(
        ({ protocol }) => protocol !== 'bird' && protocol !== '80',
      ),
    });

const silent = { flags: ['BROADCAST', 'NOARP'], operState: 'DOWN' } as const;
const odd: readonly (readonly [program: string, Change])[] = [
  ['kube-proxy with nftables', onBoth((at) => ruled(at, listed('kube-proxy-nft')))],
  ['firewalld, which trusts the pods', onBoth((at) => ruled(at, listed('firewalld-nft')))],
  [
    'the DNS cache of each node',
    onBoth((at) =>
      together(
        ruled(
          at,
          save(
            'raw',
            '-A PREROUTING -d 169.254.20.10/32 -p udp -m udp --dport 53 -j NOTRACK',
            '-A OUTPUT -s 169.254.20.10/32 -p tcp -m tcp --sport 8080 -j NOTRACK',
          ),
          save('filter', '-A INPUT -d 169.254.20.10/32 -p udp -m udp --dport 53 -j ACCEPT'),
        ),
        linked(at, 'nodelocaldns', ['169.254.20.10', '10.96.0.10'], silent),
      ),
    ),
  ],
  [
    "Istio's ambient mode, which rewrites sources of the node's own probes",
    onBoth((at) =>
      ruled(
        at,
        save(
          'nat',
          '-A POSTROUTING -j ISTIO_POSTRT',
          '-A ISTIO_POSTRT -p tcp -m owner --socket-exists -m set --match-set istio-inpod-probes-v4 dst ' +
            '-j SNAT --to-source 169.254.7.127',
        ),
      ),
    ),
  ],
  [
    'the CNI plugin of EC2',
    onBoth((at) =>
      together(
        routing(
          at,
          [
            '512:	from all to 10.244.1.5 lookup main',
            '1024:	from all fwmark 0x80/0x80 lookup main',
            '1536:	from 10.244.1.77 lookup 2',
          ],
          { 2: [{ device: 'eth1', gateway: '10.250.0.1' }] },
        ),
        ruled(
          at,
          save(
            'nat',
            '-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
            '-A AWS-SNAT-CHAIN-0 -d 10.244.0.0/16 -m comment --comment "AWS SNAT CHAIN" -j RETURN',
            '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL ' +
              '-j SNAT --to-source 10.250.0.11 --random-fully',
          ),
          save(
            'mangle',
            '-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL ' +
              '--limit-iface-in -j CONNMARK --set-xmark 0x80/0x80',
            '-A PREROUTING -i eni+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark ' +
              '--nfmask 0x80 --ctmask 0x80',
          ),
        ),
      ),
    ),
  ],
  ['a pod of a second interface of EC2', secondEni],
  ['encryption by Calico', onBoth(wireguard)],
  ['kube-vip', linked('target', 'lo0', ['10.250.0.200'])],
  ['kube-proxy with IPVS', onBoth((at) => linked(at, 'kube-ipvs0', ['10.96.0.1', '10.96.0.10'], silent))],
  [
    'Tailscale',
    onBoth((at) =>
      together(
        routing(
          at,
          [
            '5210:	from all fwmark 0x80000/0xff0000 lookup main',
            '5230:	from all fwmark 0x80000/0xff0000 lookup default',
            '5250:	from all fwmark 0x80000/0xff0000 unreachable',
            '5270:	from all lookup 52',
          ],
          { 52: ['100.100.100.100/32', '100.64.3.2/32'].map((destination) => ({ destination, device: 'tailscale0' })) },
        ),
        ruled(
          at,
          save(
            'filter',
            '-A INPUT -j ts-input',
            '-A FORWARD -j ts-forward',
            '-A ts-forward -i tailscale0 -j MARK --set-xmark 0x40000/0xff0000',
            '-A ts-forward -m mark --mark 0x40000/0xff0000 -j ACCEPT',
            '-A ts-forward -s 100.64.0.0/10 -o tailscale0 -j DROP',
            '-A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP',
          ),
        ),
      ),
    ),
  ],
  [
    'what Cilium left behind',
    onBoth((at) =>
      together(
        localAt100(at),
        linked(at, 'cilium_host', ['10.0.1.3']),
        ruled(
          at,
          save(
            'filter',
            '-A FORWARD -m comment --comment "cilium-feeder: CILIUM_FORWARD" -j CILIUM_FORWARD',
            '-A CILIUM_FORWARD -o cilium_host -m comment --comment "cilium: any->cluster on cilium_host" -j ACCEPT',
            '-A INPUT -j CILIUM_INPUT',
            '-A CILIUM_INPUT -m mark --mark 0x200/0xf00 -j ACCEPT',
          ),
          save(
            'raw',
            '-A PREROUTING -j CILIUM_PRE_raw',
            '-A CILIUM_PRE_raw -m mark --mark 0x200/0xf00 -j CT --notrack',
            '-A CILIUM_PRE_raw -i lxc+ -m mark ! --mark 0xf00/0xf00 -j CT --notrack',
          ),
        ),
      ),
    ),
  ],
  [
    'a network of its own for management (VRF)',
    onBoth((at) =>
      together(
        routing(at, ['1000:	from all lookup [l3mdev-table]'], { 100: [{ device: 'eth9' }] }),
        linked(at, 'eth9', ['192.0.2.7'], { vrfTable: '100' }),
      ),
    ),
  ],
  [
    'flannel, which masquerades beside Calico (Canal)',
    onBoth((at) =>
      together(
        linked(at, 'flannel.1', ['10.244.1.0'], { kind: 'vxlan' }),
        ruled(
          at,
          save(
            'nat',
            '-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG',
            '-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN',
            '-A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN',
            '-A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN',
            '-A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.1.0/24 -j RETURN',
            '-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" ' +
              '-j MASQUERADE --random-fully',
          ),
          save(
            'filter',
            '-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD',
            '-A FLANNEL-FWD -s 10.244.0.0/16 -j ACCEPT',
            '-A FLANNEL-FWD -d 10.244.0.0/16 -j ACCEPT',
          ),
        ),
      ),
    ),
  ],
  [
    'Docker',
    onBoth((at) =>
      ruled(
        at,
        save(
          'filter',
          '-A FORWARD -j DOCKER-USER',
          '-A FORWARD -j DOCKER-ISOLATION-STAGE-1',
          '-A FORWARD -o docker0 -j DOCKER',
          '-A DOCKER ! -i docker0 -o docker0 -j DROP',
          '-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2',
          '-A DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP',
          '-A DOCKER-USER -j RETURN',
        ),
        save('raw', '-A PREROUTING -d 172.17.0.2/32 ! -i docker0 -j DROP'),
      ),
    ),
  ],
  [
    'fail2ban',
    onBoth((at) =>
      ruled(
        at,
        save(
          'filter',
          '-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd',
          '-A f2b-sshd -s 203.0.113.4/32 -j REJECT --reject-with icmp-port-unreachable',
          '-A f2b-sshd -j RETURN',
        ),
      ),
    ),
  ],
  [
    "kube-router, whose policies select another pod, and kube-proxy's guards",
    onBoth((at) =>
      ruled(
        at,
        save(
          'filter',
          '-A FORWARD -m comment --comment "kube-router netpol" -j KUBE-ROUTER-FORWARD',
          '-A KUBE-ROUTER-FORWARD -d 10.244.1.99/32 -j KUBE-POD-FW-X',
          '-A KUBE-POD-FW-X -m mark ! --mark 0x10000/0x10000 -j REJECT --reject-with icmp-port-unreachable',
          '-A KUBE-ROUTER-FORWARD -m mark --mark 0x20000/0x20000 -j ACCEPT',
          '-A FORWARD -j KUBE-FORWARD',
          '-A INPUT -j KUBE-FIREWALL',
          '-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name  ct_state_invalid_dropped_pkts -j DROP',
          '-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
          '-A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
        ),
      ),
    ),
  ],
];

describe.each(['healthy-legacy', 'healthy-nftables', 'healthy-vxlan-legacy'])('%s', (name) => {
  test.each(odd)('healthy, and odd: %s', async (_, change) => {
    const said = await saidOf(walkedAgain(rerouted(change(withSettings(await captured(name))))));
    expect(said).toEqual({ verdict: 'healthy', roots: [], consequences: [], latent: [] });
  });
});

describe.each(['healthy-nftables'])('%s, and no packet arrives', (name) => {
  test.each(odd)('not blamed: %s', async (_, change) => {
    const facts = withSettings(lost(await captured(name, { port: { protocol: 'tcp', number: 8080 } })));
    const said = await saidOf(walkedAgain(rerouted(change(facts))));
    expect(said).toEqual({ verdict: 'inconclusive', roots: [], consequences: [], latent: [] });
  });
});
