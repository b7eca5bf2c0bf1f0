import { describe, expect, test } from '@jest/globals';
import type { ClusterPolicy, ClusterPolicyKind } from '../../src/model/kubernetes.ts';
import { enforces, fromClusterPolicy } from '../../src/policy/cluster-policy.ts';

const orchestrator = "projectcalico.org/orchestrator == 'k8s'";

function policy(spec: ClusterPolicy['spec']): ClusterPolicy {
  return { metadata: { name: 'guard' }, spec };
}

const convert = (spec: ClusterPolicy['spec']) => fromClusterPolicy('ClusterNetworkPolicy', policy(spec));

describe('a ClusterNetworkPolicy', () => {
  const web = { pods: { podSelector: { matchLabels: { app: 'web' } }, namespaceSelector: {} } };

  test('of the Admin tier with pods, protocols and ports', () => {
    expect(
      convert({
        tier: 'Admin',
        priority: 7,
        subject: web,
        ingress: [
          {
            action: 'Accept',
            from: [{ namespaces: { matchLabels: { team: 'a' } } }],
            protocols: [
              { tcp: { destinationPort: { number: 80 } } },
              { udp: { destinationPort: { range: { start: 1, end: 9 } } } },
            ],
          },
          { action: 'Pass', from: [web] },
        ],
      }),
    ).toEqual({
      kind: 'KubernetesClusterNetworkPolicy',
      metadata: { name: 'guard' },
      spec: {
        tier: 'kube-admin',
        order: 7,
        selector: `${orchestrator} && app == 'web'`,
        namespaceSelector: 'all()',
        types: ['Ingress'],
        ingress: [
          {
            action: 'Allow',
            protocol: 'TCP',
            source: { namespaceSelector: "team == 'a'" },
            destination: { ports: [80] },
          },
          {
            action: 'Allow',
            protocol: 'UDP',
            source: { namespaceSelector: "team == 'a'" },
            destination: { ports: ['1:9'] },
          },
          { action: 'Pass', source: { selector: `${orchestrator} && app == 'web'`, namespaceSelector: 'all()' } },
        ],
        egress: [],
      },
    });
  });

  test('of the Baseline tier, to networks', () => {
    const converted = convert({
      tier: 'Baseline',
      subject: { namespaces: {} },
      egress: [{ action: 'Deny', to: [{ networks: ['198.51.100.0/24'] }], protocols: [{ sctp: {} }] }],
    });
    expect(converted?.spec).toMatchObject({
      tier: 'kube-baseline',
      selector: orchestrator,
      namespaceSelector: 'all()',
      types: ['Egress'],
      egress: [{ action: 'Deny', protocol: 'SCTP', destination: { nets: ['198.51.100.0/24'] } }],
    });
  });

  test('that Felix skips: without a subject, or of a tier that does not exist', () => {
    expect(convert({ tier: 'Admin' })).toBeNull();
    expect(convert({ tier: 'Other', subject: { namespaces: {} } })).toBeNull();
  });

  test.each([
    ['Deny', [{ action: 'Deny' }]],
    ['Pass', [{ action: 'Deny' }]],
    ['Accept', []],
  ])('a rule of %s with a peer that Felix does not know', (action, ingress) => {
    const converted = convert({ tier: 'Admin', subject: { namespaces: {} }, ingress: [{ action, from: [{}] }] });
    expect(converted?.spec.ingress).toEqual(ingress);
  });

  test('an entry without a protocol matches everything, whatever stands beside it', () => {
    const converted = convert({
      tier: 'Admin',
      subject: { namespaces: {} },
      ingress: [{ action: 'Deny', from: [{ namespaces: {} }], protocols: [{ tcp: {} }, {}] }],
    });
    expect(converted?.spec.ingress).toEqual([{ action: 'Deny', source: { namespaceSelector: 'all()' } }]);
  });
});

describe('an AdminNetworkPolicy', () => {
  test('has the name and tier that Felix gives it, and TCP where a port names no protocol', () => {
    const converted = fromClusterPolicy(
      'AdminNetworkPolicy',
      policy({
        priority: 3,
        subject: { namespaces: {} },
        ingress: [
          {
            action: 'Allow',
            from: [{ namespaces: {} }],
            ports: [{ portNumber: { port: 80 } }, { portRange: { protocol: 'UDP', start: 5, end: 6 } }],
          },
        ],
      }),
    );
    expect(converted).toMatchObject({
      kind: 'AdminNetworkPolicy',
      metadata: { name: 'kanp.adminnetworkpolicy.guard' },
      spec: {
        tier: 'adminnetworkpolicy',
        order: 3,
        ingress: [
          { protocol: 'TCP', destination: { ports: [80] } },
          { protocol: 'UDP', destination: { ports: ['5:6'] } },
        ],
      },
    });
  });

  test('of the baseline comes after all others', () => {
    const converted = fromClusterPolicy('BaselineAdminNetworkPolicy', policy({ subject: { namespaces: {} } }));
    expect(converted).toMatchObject({
      metadata: { name: 'kbanp.baselineadminnetworkpolicy.guard' },
      spec: { tier: 'baselineadminnetworkpolicy', order: 1000 },
    });
  });
});

test.each<[string, ClusterPolicyKind, boolean | null]>([
  ['v3.28.5', 'AdminNetworkPolicy', false],
  ['v3.29.0', 'AdminNetworkPolicy', true],
  ['v3.29.0', 'BaselineAdminNetworkPolicy', false],
  ['v3.31.7', 'BaselineAdminNetworkPolicy', true],
  ['v3.31.7', 'ClusterNetworkPolicy', false],
  ['v3.32.0', 'ClusterNetworkPolicy', true],
  ['v3.32.0-0.dev-12-gabc', 'ClusterNetworkPolicy', true],
  ['v3.33.1', 'AdminNetworkPolicy', false],
  ['master', 'ClusterNetworkPolicy', null],
])('Calico %s and %s', (version, kind, enforced) => {
  expect(enforces(version, kind)).toBe(enforced);
});
