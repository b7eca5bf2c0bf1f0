import { expect, test } from '@jest/globals';
import { v1Command } from '../../src/calico/v1-commands.ts';

test.each([
  ['calicoctl get networkpolicy -A', 'calicoctl get policy -o wide'],
  ['calicoctl get globalnetworkpolicy', 'calicoctl get policy -o wide'],
  ['calicoctl get globalnetworkpolicy -o yaml   # why', 'calicoctl get policy -o yaml   # why'],
  ['calicoctl get workloadendpoint -n shop -o wide   # why', 'calicoctl get workloadendpoint -o wide   # why'],
  ['calicoctl get workloadendpoint -A -o wide   # why', 'calicoctl get workloadendpoint -o wide   # why'],
  [
    'calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml   # who',
    'calicoctl get bgppeer -o wide; calicoctl config get nodeToNodeMesh   # who',
  ],
  ['calicoctl get clusterinformation   # on n1', 'calicoctl get node   # on n1'],
  [
    'calicoctl get felixconfiguration default -o yaml   # defaultEndpointToHostAction; not set: Drop',
    'calicoctl config get DefaultEndpointToHostAction --raw=felix   # not set: Drop',
  ],
  [
    `calicoctl patch felixconfiguration default -p '{"spec":{"defaultEndpointToHostAction":"Accept"}}'`,
    'calicoctl config set DefaultEndpointToHostAction ACCEPT --raw=felix',
  ],
  [
    `calicoctl patch node n1 -p '{"spec":{"bgp":{"ipv4Address":"192.0.2.1/24"}}}'   # relief`,
    `calicoctl get node n1 -o yaml > object.yaml   # change it as '{"spec":{"bgp":{"ipv4Address":"192.0.2.1/24"}}}' ` +
      'says, then calicoctl apply -f object.yaml: relief',
  ],
  [
    `calicoctl patch ippool 192.0.2.0/24 -p '{"spec":{"ipipMode":"CrossSubnet","natOutgoing":true}}'`,
    `calicoctl get ippool 192.0.2.0/24 -o yaml > object.yaml   # change it as '{"spec":{"ipip":{"enabled":true,` +
      `"mode":"cross-subnet"},"nat-outgoing":true}}' says, then calicoctl apply -f object.yaml`,
  ],
  ['calicoctl get profile k8s_ns.shop -o yaml', 'calicoctl get profile k8s_ns.shop -o yaml'],
  ['kubectl get pods', 'kubectl get pods'],
])('%s', (command, old) => {
  expect(v1Command(command)).toBe(old);
});
