/** The ids of every cause that the project knows of, whether or not a rule looks for it yet. */
export const causes: readonly string[] = [
  'pod-not-running', 'pod-without-address', 'pod-on-host-network', 'port-not-listening', 'pod-address-duplicated', 'pod-wired-by-another-cni', 'pod-own-rules-drop', 'service-path-broken', 'cni-plugin-failing', 'nat-outgoing-missing', 'dns-not-answered',
  'node-not-ready', 'node-unreachable', 'felix-not-running', 'felix-rules-stale', 'iptables-backend-split', 'ip-forward-disabled', 'conntrack-table-full', 'node-name-mismatch', 'host-manager-interferes', 'calico-hooks-missing', 'routing-rule-diverts', 'rule-set-unreadable', 'flow-not-tracked',
  'workload-endpoint-missing', 'workload-endpoint-mismatch', 'pod-interface-missing', 'pod-interface-down', 'pod-route-missing', 'pod-route-wrong', 'pod-gateway-silent', 'pod-default-route-missing', 'reverse-path-filtered',
  'pod-profile-missing', 'pod-profile-denies', 'policy-denies-ingress', 'policy-denies-egress', 'conntrack-invalid-dropped', 'host-endpoint-denies', 'foreign-rule-drops', 'calico-guard-drops', 'source-address-rewritten', 'conntrack-entry-stale', 'endpoint-to-host-dropped',
  'block-route-missing', 'bgp-session-down', 'node-address-misdetected', 'tunnel-device-down', 'ipip-lost-between-nodes', 'vxlan-lost-between-nodes', 'tunnel-source-refused', 'path-mtu-too-small', 'pool-encapsulation-mismatch', 'tunnel-packets-corrupted', 'pool-overlaps-another-network', 'wireguard-tunnel-broken',
  'controller-not-running', 'controller-forbidden', 'controller-unauthorized', 'controller-namespaces-disabled', 'calico-node-forbidden', 'typha-unavailable', 'datastore-unreachable', 'datastore-not-ready', 'address-pool-exhausted', 'bpf-dataplane-not-ready',
];
