/** What probes that send packets of the flow start from: facts of a capture, and nodes whose pods are not entered. */
import { unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { FactKey, FactValue } from '../../../src/model/facts.ts';
import type { KubernetesNode } from '../../../src/model/kubernetes.ts';
import type { Facts } from '../../support/facts.ts';

export type Given = { readonly [K in FactKey]?: Fact<FactValue<K>> | FactValue<K> };

const taken = [
  'flow',
  'walks',
  'kernel-ways',
  ...(['rulesets', 'routes', 'links'] as const).flatMap((key) => [`${key}@target`, `${key}@source`] as const),
] as const satisfies readonly FactKey[];

export const nodes = ['n1', 'n2'].map((name, at): KubernetesNode => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));

/** What tcpdump writes at its end where it saw nothing and the kernel dropped nothing. */
export const quiet = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';

/** The facts to give to a probe, with the changes. */
export const flowFacts = (facts: Facts, changes: Given): Given => ({
  ...Object.fromEntries(taken.map((key) => [key, facts[key]])),
  nodes,
  'pod-network': unavailable('ssh-refused', 'nobody looked'),
  'source-pod-network': unavailable('ssh-refused', 'nobody looked'),
  ...changes,
});
