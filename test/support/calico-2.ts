/**
 * What calicoctl 1.6 of Calico 2.x prints, written after its source: keys in alphabetic order, both ends of each rule.
 */
export const endpointYaml = `- apiVersion: v1
  kind: workloadEndpoint
  metadata:
    activeInstanceID: 6f0c1f5e
    labels:
      app: web
      calico/k8s_ns: default
    name: eth0
    node: n1
    orchestrator: k8s
    workload: default.my.pod-0
  spec:
    interfaceName: cali4e199eba087
    ipNetworks:
    - 10.244.1.5/32
    mac: ee:ee:ee:ee:ee:ee
    profiles:
    - k8s_ns.default
`;
export const profileYaml = `- apiVersion: v1
  kind: profile
  metadata:
    labels:
      k8s_ns/label/team: shop
    name: k8s_ns.default
    tags:
    - k8s_ns.default
  spec:
    egress:
    - action: allow
      destination: {}
      source: {}
    ingress:
    - action: allow
      destination: {}
      source: {}
`;
export const poolsYaml = `- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 192.168.0.0/16
  spec:
    ipip:
      enabled: true
    nat-outgoing: true
- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 10.9.0.0/16
  spec:
    disabled: true
    ipip:
      enabled: true
      mode: cross-subnet
- apiVersion: v1
  kind: ipPool
  metadata:
    cidr: 10.8.0.0/16
  spec: {}
`;
export const policiesYaml = `- apiVersion: v1
  kind: policy
  metadata:
    name: default.deny-web
  spec:
    egress:
    - action: allow
      destination: {}
      source: {}
    ingress:
    - action: pass
      destination:
        ports:
        - 80
      protocol: tcp
      source:
        net: 10.0.0.0/8
        notNets:
        - 10.1.0.0/16
        notNet: 10.2.0.0/16
    - action: allow
      destination: {}
      source:
        tag: frontend
    order: 1000
    selector: calico/k8s_ns == 'default' && app == 'web'
    types:
    - ingress
    - egress
`;
export const versionText = (cluster = 'v2.6.8') =>
  `Client Version:    v1.6.3
Build date:        2018-01-24T22:44:27+0000
Git commit:        d2babb6
Cluster Version:   ${cluster}
Cluster Type:      k8s,bgp
`;
/** Its answer to the options of today, with the usage before it. */
export const unknownOption = {
  exit: 1,
  stdout:
    'Usage:\n  calicoctl get ([--scope=<SCOPE>] [--node=<NODE>]\n' +
    "Invalid option: 'calicoctl get x -o yaml --allow-version-mismatch'. Use flag '--help' to read about a specific " +
    'subcommand.\n',
};
