import type { LabPod, Topology } from '../topology.ts';
import { ruleGone, ruleThere, type Step } from './steps.ts';

export const policiesOf = (namespace: string) => `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`;

interface Policy {
  readonly name: string;
  /** Labels of the pods that it selects; none: all. */
  readonly selects: Readonly<Record<string, string>>;
  /** The rest of it: types and rules. */
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Creates a NetworkPolicy of namespace default. */
export function networkPolicy({ name, selects, spec }: Policy): Step {
  const object = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name, namespace: 'default' },
    spec: { podSelector: { matchLabels: selects }, ...spec },
  };
  return { do: 'create-object', collection: policiesOf('default'), object };
}

/** Waits until the pod's chain of a direction (`tw`: to it, `fw`: from it) ends with the drop of the tier, or not. */
export function awaitTierEnd(
  { dataplane }: Topology,
  { node, interface: name }: LabPod,
  direction: 'tw' | 'fw',
  wanted: 'there' | 'gone',
): Step {
  const rule = `-A cali-${direction}-${name} .*End of tier default`;
  return {
    do: 'await',
    what: wanted === 'there' ? 'Felix to deny' : 'Felix to allow',
    on: node,
    command: wanted === 'there' ? ruleThere(dataplane, rule) : ruleGone(dataplane, rule),
    seconds: 60,
  };
}
