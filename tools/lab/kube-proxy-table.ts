/**
 * What kube-proxy keeps in nftables mode, with the names and priorities of its chains: a Service of the API server, one
 * whose pods are gone, and what masquerades. The addresses are those of a lab's Services and nodes.
 */
export const kubeProxyTable = `table ip kube-proxy {
  comment "rules for kube-proxy"
  set cluster-ips { type ipv4_addr ; comment "Active ClusterIPs" ; elements = { 10.96.0.1, 10.96.5.5 } }
  set nodeport-ips { type ipv4_addr ; comment "IPs that accept NodePort traffic" ; elements = { 10.250.0.11 } }
  map firewall-ips { type ipv4_addr . inet_proto . inet_service : verdict ; }
  map no-endpoint-services { type ipv4_addr . inet_proto . inet_service : verdict ;
    elements = { 10.96.5.5 . tcp . 80 : goto reject-chain } }
  map no-endpoint-nodeports { type inet_proto . inet_service : verdict ; }
  map service-ips { type ipv4_addr . inet_proto . inet_service : verdict ;
    elements = { 10.96.0.1 . tcp . 443 : goto service-ULMVA6XW-default/kubernetes/tcp/https } }
  map service-nodeports { type inet_proto . inet_service : verdict ; }
  chain filter-prerouting { type filter hook prerouting priority -110 ; ct state new jump firewall-check ; }
  chain filter-input { type filter hook input priority -110 ; ct state new jump nodeport-endpoints-check ;
    ct state new jump service-endpoints-check ; }
  chain filter-forward { type filter hook forward priority -110 ; ct state new jump service-endpoints-check ;
    ct state new jump cluster-ips-check ; }
  chain filter-output { type filter hook output priority -110 ; ct state new jump service-endpoints-check ;
    ct state new jump firewall-check ; }
  chain filter-output-post-dnat { type filter hook output priority -90 ; ct state new jump cluster-ips-check ; }
  chain nat-prerouting { type nat hook prerouting priority -100 ; jump services ; }
  chain nat-output { type nat hook output priority -100 ; jump services ; }
  chain nat-postrouting { type nat hook postrouting priority 100 ; jump masquerading ; }
  chain firewall-check { ip daddr . meta l4proto . th dport vmap @firewall-ips ; }
  chain service-endpoints-check { ip daddr . meta l4proto . th dport vmap @no-endpoint-services ; }
  chain nodeport-endpoints-check { ip daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports ; }
  chain cluster-ips-check {
    ip daddr @cluster-ips reject comment "Reject traffic to invalid ports of ClusterIPs" ;
    ip daddr { 10.96.0.0/12 } drop comment "Drop traffic to unallocated ClusterIPs" ; }
  chain reject-chain { reject ; }
  chain masquerading { meta mark & 0x4000 == 0 return ; meta mark set meta mark ^ 0x4000 ; masquerade fully-random ; }
  chain mark-for-masquerade { meta mark set meta mark | 0x4000 ; }
  chain services { ip daddr . meta l4proto . th dport vmap @service-ips ;
    ip daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports ; }
  chain service-ULMVA6XW-default/kubernetes/tcp/https {
    ip daddr 10.96.0.1 tcp dport 443 ip saddr != 10.244.0.0/16 jump mark-for-masquerade ;
    numgen random mod 1 vmap { 0 : goto endpoint-IVWVZDTF-default/kubernetes/tcp/https } ; }
  chain endpoint-IVWVZDTF-default/kubernetes/tcp/https {
    ip saddr 10.250.0.10 jump mark-for-masquerade ; meta l4proto tcp dnat to 10.250.0.10:6443 ; }
}`;
