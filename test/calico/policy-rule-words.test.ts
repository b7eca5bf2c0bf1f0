/** The words for one rule: nothing that limits it is left out. */
import { expect, test } from '@jest/globals';
import { policyRuleWords } from '../../src/calico/policy-rule-words.ts';
import type { CalicoRule } from '../../src/model/calico.ts';

const allow = (more: object): CalicoRule => ({ action: 'Allow', ...more });

test.each<[CalicoRule, 'ingress' | 'egress', string]>([
  [allow({}), 'ingress', 'everyone'],
  [allow({ source: { selector: '', nets: [] }, destination: { ports: [] } }), 'ingress', 'everyone'],
  [
    allow({ protocol: 'TCP', source: { selector: "app == 'a'" }, destination: { ports: [80, '90:99'] } }),
    'ingress',
    "pods with app == 'a' in namespace shop on 80, 90:99/tcp",
  ],
  [
    allow({ source: { selector: "app == 'a'", namespaceSelector: 'all()' } }),
    'ingress',
    "pods with app == 'a' in namespaces with all()",
  ],
  [
    allow({ destination: { nets: ['192.0.2.0/24'], ports: [53] }, protocol: 'UDP' }),
    'egress',
    '192.0.2.0/24 on 53/udp',
  ],
  [
    allow({ protocol: 'TCP', source: { ports: [1] }, destination: { notPorts: [22], selector: 'all()' } }),
    'ingress',
    'everyone by tcp (also limited by source.ports, destination.notPorts, destination.selector)',
  ],
  [
    allow({ icmp: { type: 8 }, ipVersion: 4, http: { methods: ['GET'] }, moonPhase: 'full' }),
    'ingress',
    'everyone (also limited by icmp, ipVersion, http, moonPhase)',
  ],
  [allow({ source: { notNets: ['192.0.2.0/24'] } }), 'ingress', 'everyone except 192.0.2.0/24'],
  [
    allow({ source: { nets: ['192.0.0.0/16'], notNets: ['192.0.2.0/24'] } }),
    'ingress',
    '192.0.0.0/16 except 192.0.2.0/24',
  ],
])('%j on %s: %s', (rule, direction, words) => {
  expect(policyRuleWords(rule, direction, 'shop')).toBe(words);
});

test('the namespace is told only where one is given', () => {
  expect(policyRuleWords(allow({ source: { selector: "app == 'a'" } }), 'ingress')).toBe("pods with app == 'a'");
});
