/** What the tests of policies ask: pods, packets, and one question that they change. */
import type { CalicoPolicy, CalicoRule, EndpointPort, EntityRule, Tier } from '../../src/model/calico.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { decide } from '../../src/policy/decide.ts';
import type { Labelled, PolicyQuestion } from '../../src/policy/question.ts';

const podLabels = (namespace: string, app: string, more: Readonly<Record<string, string>> = {}) => ({
  app,
  'projectcalico.org/namespace': namespace,
  'projectcalico.org/orchestrator': 'k8s',
  'projectcalico.org/serviceaccount': 'default',
  'pcns.projectcalico.org/name': namespace,
  'pcsa.projectcalico.org/name': 'default',
  ...more,
});
export const labelled = (
  labels: Readonly<Record<string, string>>,
  ports: readonly EndpointPort[] | null = [],
): Labelled => ({
  labels: (label) => labels[label] ?? null,
  ports,
});
const web = labelled(podLabels('default', 'web'), [{ name: 'http', port: 8080, protocol: 'TCP' }]);
export const client = labelled(podLabels('default', 'client'));
export const shop = labelled(podLabels('shop', 'api', { 'pcns.team': 'shop' }));
export const stranger: Labelled = {
  labels: (label) => (label === 'projectcalico.org/orchestrator' ? null : { unknown: 'nobody read it' }),
  ports: null,
};

export const syn = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 6, destinationPort: 8080 });
export const ping = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 1 });
export const dns = packetOf({ source: '10.244.2.7', destination: '10.244.1.5', protocol: 17, destinationPort: 53 });

export const kns = { name: 'kns.default', rules: { ingress: [{ action: 'Allow' }], egress: [{ action: 'Allow' }] } };
export const ksa = { name: 'ksa.default.default', rules: { ingress: [], egress: [] } };
export const asked: PolicyQuestion = {
  direction: 'ingress',
  packet: syn,
  labels: web.labels,
  profiles: [kns, ksa],
  source: { members: [client] },
  destination: { members: [web] },
  tiers: [],
  policies: [],
};

export const policy = (
  name: string,
  spec: CalicoPolicy['spec'],
  namespace: string | null = 'default',
): CalicoPolicy => ({
  kind: namespace ? 'NetworkPolicy' : 'GlobalNetworkPolicy',
  metadata: { name, ...(namespace ? { namespace } : {}) },
  spec: { types: ['Ingress'], ...spec },
});
export const tier = (name: string, order: number | null, defaultAction?: string): Tier => ({
  metadata: { name },
  spec: { order, ...(defaultAction ? { defaultAction } : {}) },
});
export const decision = (change: Partial<PolicyQuestion>) => decide({ ...asked, ...change }).decision;
/** One policy with one rule that allows, behind it the end of its tier: does the rule match? */
export const matching = (
  rule: Partial<CalicoRule>,
  change: Partial<PolicyQuestion> = {},
  namespace: string | null = 'default',
) => decision({ policies: [policy('p', { ingress: [{ action: 'Allow', ...rule }] }, namespace)], ...change });
export const from = (source: EntityRule, change: Partial<PolicyQuestion> = {}, namespace: string | null = 'default') =>
  matching({ source }, change, namespace);
export const to = (destination: EntityRule, change: Partial<PolicyQuestion> = {}) => matching({ destination }, change);

export const rule = (action: string, source: EntityRule = {}): CalicoRule => ({ action, source });
export const inOtherNamespace = (label: string) =>
  label === 'projectcalico.org/namespace' ? 'aaa' : web.labels(label);
