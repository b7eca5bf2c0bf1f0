import { expect, test } from '@jest/globals';
import { kubectlCommand } from '../../src/calico/kubectl-commands.ts';
import { editCommand } from '../../src/rules/lib/policy-titles.ts';
import { rules } from '../../src/rules/registry.ts';

const crd = 'crd.projectcalico.org/v1';
const policy = { kind: 'NetworkPolicy', name: 'web', namespace: 'shop', tier: 'default' } as const;

test.each([
  ['calicoctl get networkpolicy -A', 'kubectl get networkpolicies.crd.projectcalico.org -A'],
  ['calicoctl get globalnetworkpolicy', 'kubectl get globalnetworkpolicies.crd.projectcalico.org'],
  [
    editCommand(policy, 'ingress'),
    'kubectl -n shop edit networkpolicies.crd.projectcalico.org web   # to allow it, add at the top of spec.ingress:',
  ],
  [
    editCommand({ ...policy, namespace: null }, 'egress'),
    'kubectl edit globalnetworkpolicies.crd.projectcalico.org web   # to allow it, add at the top of spec.egress:',
  ],
  [
    'calicoctl get node n1 -o yaml   # does spec.bgp.ipv4Address say 10.0.0.1?',
    'kubectl get node n1 -o yaml   # does the annotation projectcalico.org/IPv4Address say 10.0.0.1?',
  ],
  [
    `calicoctl patch node n1 -p '{"spec":{"bgp":{"ipv4Address":"10.0.0.1/24"}}}'   # relief`,
    'kubectl annotate node n1 --overwrite projectcalico.org/IPv4Address=10.0.0.1/24   # relief',
  ],
  [
    'calicoctl get node n1 -o yaml   # do ipv4VXLANTunnelAddr and the address match n1?',
    'kubectl get node n1 -o yaml   # in the annotations of projectcalico.org: do ipv4VXLANTunnelAddr and the address ' +
      'match n1?',
  ],
  [
    'calicoctl get bgppeer -o wide; calicoctl get bgpconfiguration -o yaml   # who must talk to whom',
    'kubectl get bgppeers.crd.projectcalico.org,bgpconfigurations.crd.projectcalico.org -o yaml   # who must talk to whom',
  ],
  [
    `calicoctl patch ippool a -p '{"spec":{"vxlanMode":"CrossSubnet"}}'   # instead`,
    `kubectl patch ippools.crd.projectcalico.org a --type=merge -p '{"spec":{"vxlanMode":"CrossSubnet"}}'   # instead`,
  ],
  [
    `calicoctl patch felixconfiguration default -p '{"spec":{"logSeverityScreen":"Debug"}}'`,
    `kubectl patch felixconfigurations.crd.projectcalico.org default --type=merge -p ` +
      `'{"spec":{"logSeverityScreen":"Debug"}}'`,
  ],
  [
    'calicoctl datastore migrate unlock   # only if no migration is running',
    `kubectl patch clusterinformations.crd.projectcalico.org default --type=merge -p '{"spec":{"datastoreReady":true}}'` +
      '   # only if no migration is running',
  ],
  [
    'calicoctl get nodes -o wide; calicoctl get bgppeer -o wide   # ASN: what each has',
    'kubectl get nodes,bgppeers.crd.projectcalico.org -o yaml   # projectcalico.org/ASNumber, asNumber: what each has',
  ],
  [
    'calicoctl get bgpconfiguration -o yaml   # asNumber',
    'kubectl get bgpconfigurations.crd.projectcalico.org -o yaml   # asNumber',
  ],
  [
    'calicoctl apply -f POOL   # POOL: a file',
    'kubectl apply -f POOL   # POOL: a file (IPPool of crd.projectcalico.org)',
  ],
])('%s', (command, kubectl) => {
  expect(kubectlCommand(command, crd)).toBe(kubectl);
});
test('by the group that is served', () => {
  expect(kubectlCommand('calicoctl get ippool -o wide   # why', 'projectcalico.org/v3')).toBe(
    'kubectl get ippools.projectcalico.org -o yaml   # why',
  );
});
test('a command of another program stays as it is', () => {
  expect(kubectlCommand('kubectl get pods   # not calicoctl get ippool -o wide', crd)).toContain('kubectl get pods');
});
test('no advice of a rule asks for calicoctl there, but where kubectl does not reach', () => {
  const reached = rules
    .flatMap(({ advice }) => advice?.commands ?? [])
    .map((command) => kubectlCommand(command.replaceAll(/\{\w+\}/g, '10.0.0.1'), crd))
    .filter((command) => command.startsWith('calicoctl'));
  // BIRD's sessions are in no API, and kubectl compares no addresses; an etcd that does not answer, and stored profiles, are there only with etcd.
  expect(new Set(reached.map((command) => command.split('   #')[0]))).toEqual(
    new Set([
      'calicoctl get clusterinformation',
      'calicoctl get profile 10.0.0.1 -o yaml',
      'calicoctl ipam check',
      'calicoctl node status',
    ]),
  );
});
