/** A Kubernetes NetworkPolicy as the Calico policy that Felix makes of it (libcalico-go backend/k8s/conversion). */
import { felixName } from '../calico/policy-names.ts';
import type { CalicoPolicy, CalicoRule, EntityRule } from '../model/calico.ts';
import type { LabelSelector, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../model/kubernetes.ts';

const order = 1000;

export function fromKubernetes({ metadata, spec }: NetworkPolicy): CalicoPolicy {
  return {
    kind: 'KubernetesNetworkPolicy',
    metadata: {
      name: felixName('KubernetesNetworkPolicy', metadata.name).name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
    },
    spec: {
      tier: 'default',
      order,
      selector: podTerms(spec.podSelector),
      types: spec.policyTypes && spec.policyTypes.length > 0 ? spec.policyTypes : ['Ingress'],
      ingress: (spec.ingress ?? []).flatMap(({ from, ports }) => rulesOf('source', from, ports)),
      egress: (spec.egress ?? []).flatMap(({ to, ports }) => rulesOf('destination', to, ports)),
    },
  };
}

/** One rule a peer and port; none given means any. */
function rulesOf(
  side: 'source' | 'destination',
  peers: readonly NetworkPolicyPeer[] = [],
  ports: readonly NetworkPolicyPort[] = [],
): readonly CalicoRule[] {
  const sides = peers.length > 0 ? peers.map(entityOf) : [{}];
  const wanted = ports.length > 0 ? ports.map(portOf) : [{}];
  return sides.flatMap((entity) =>
    wanted.map(({ protocol, destination }: PortMatch): CalicoRule => ({
      action: 'Allow',
      ...(protocol === undefined ? {} : { protocol }),
      ...(side === 'source'
        ? { source: entity, ...(destination ? { destination } : {}) }
        : { destination: { ...entity, ...destination } }),
    })),
  );
}

interface PortMatch {
  readonly protocol?: string;
  readonly destination?: EntityRule;
}

function portOf({ protocol = 'TCP', port, endPort }: NetworkPolicyPort): PortMatch {
  return port === undefined
    ? { protocol }
    : { protocol, destination: { ports: [endPort === undefined ? port : `${port}:${endPort}`] } };
}

function entityOf({ podSelector: pods, namespaceSelector, ipBlock }: NetworkPolicyPeer): EntityRule {
  if (ipBlock)
    return {
      nets: [ipBlock.cidr],
      ...(ipBlock.except && ipBlock.except.length > 0 ? { notNets: ipBlock.except } : {}),
    };
  return {
    selector: podTerms(pods),
    ...(namespaceSelector ? { namespaceSelector: namespaceTerms(namespaceSelector) } : {}),
  };
}

/** Returns a selector of namespaces in Calico's words; an empty one selects all. */
export function namespaceTerms(selector: LabelSelector | undefined): string {
  return terms(selector).join(' && ') || 'all()';
}

/** Returns a selector of pods in Calico's words. Host endpoints are never among them. */
export function podTerms(selector: LabelSelector | undefined): string {
  return ["projectcalico.org/orchestrator == 'k8s'", ...terms(selector)].join(' && ');
}

function terms({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): readonly string[] {
  return [
    ...Object.entries(matchLabels).map(([label, value]) => `${label} == '${value}'`),
    ...matchExpressions.map(({ key, operator, values = [] }) => {
      const set = `{ ${values.map((value) => `'${value}'`).join(', ')} }`;
      switch (operator) {
        case 'In':
          return `${key} in ${set}`;
        case 'NotIn':
          return `${key} not in ${set}`;
        case 'Exists':
          return `has(${key})`;
        case 'DoesNotExist':
          return `!has(${key})`;
        // This is not a selector, so the judgement says that it cannot be read.
        default:
          return `${key} ${operator}`;
      }
    }),
  ];
}
