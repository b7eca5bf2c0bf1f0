import { expect, test } from '@jest/globals';
import { commandOfFamily } from '../../src/model/ipv6-commands.ts';

test.each([
  ['iptables-save -c; nft list ruleset', 'ip6tables-save -c; nft list ruleset'],
  [
    "grep -vE 'cali-|cali:' /root/iptables-legacy.rules | iptables-legacy-restore",
    "grep -vE 'cali-|cali:' /root/iptables-legacy.rules | ip6tables-legacy-restore",
  ],
  ['nft delete table ip calico', 'nft delete table ip6 calico'],
  ['ip netns exec cni-1 ip route', 'ip netns exec cni-1 ip -6 route'],
  ['ip route show to match fd00::1   # why', 'ip -6 route show to match fd00::1   # why'],
  ['ip rule add pref 99 to fd00::/64 lookup main', 'ip -6 rule add pref 99 to fd00::/64 lookup main'],
  ['ip neigh show dev vxlan-v6.calico', 'ip -6 neigh show dev vxlan-v6.calico'],
  ['# do ipv4VXLANTunnelAddr, vxlanTunnelMACAddr', '# do ipv6VXLANTunnelAddr, vxlanTunnelMACAddrV6'],
  [
    'set env daemonset/calico-node IP_AUTODETECTION_METHOD=x',
    'set env daemonset/calico-node IP6_AUTODETECTION_METHOD=x',
  ],
  ['"/spec/calicoNetwork/nodeAddressAutodetectionV4"', '"/spec/calicoNetwork/nodeAddressAutodetectionV6"'],
  ['ipset test cali40masq-ipam-pools fd00::1', 'ipset test cali60masq-ipam-pools fd00::1'],
  [
    'sysctl net/ipv4/conf/eth0/forwarding net/ipv4/conf/eth0/rp_filter net/ipv4/conf/all/rp_filter',
    'sysctl net/ipv6/conf/all/forwarding',
  ],
  [
    'openstack security group rule create --protocol udp --dst-port 4789',
    'openstack security group rule create --ethertype IPv6 --protocol udp --dst-port 4789',
  ],
  ['# does spec.bgp.ipv4Address say fd00::1?', '# does spec.bgp.ipv6Address say fd00::1?'],
  [
    '# does the annotation projectcalico.org/IPv4Address say',
    '# does the annotation projectcalico.org/IPv6Address say',
  ],
  ['calico-node -bpf nat dump | grep -A 9 fd00::1', 'calico-node -bpf nat dump -6 | grep -A 9 fd00::1'],
  ['calico-node -bpf conntrack dump in calico-node', 'calico-node -bpf conntrack dump -6 in calico-node'],
  ['arping -c 3 -I eth0 fd00::1   # does it answer?', 'ping -c 3 -I eth0 fd00::1   # does it answer?'],
  ['ping -c 3 fd00::1   # and on fd00::1: sysctl net.ipv4.conf.all.arp_ignore', 'ping -c 3 fd00::1'],
  ['ip -6 route show default; ip6tables-save', 'ip -6 route show default; ip6tables-save'],
])('%s', (ipv4, ipv6) => {
  expect(commandOfFamily(ipv4, 6)).toBe(ipv6);
  expect(commandOfFamily(ipv4, 4)).toBe(ipv4);
});
