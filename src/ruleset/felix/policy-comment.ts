import { kubernetesPolicyOf } from '../../calico/policy-names.ts';
import type { PolicyName } from '../../model/ruleset/owner.ts';

export interface NamedByComment {
  readonly direction: 'ingress' | 'egress';
  readonly policy: PolicyName | null;
  readonly profile: string | null;
}

/**
 * Reads the comment that Felix puts on the first rule of a policy's or profile's chain: `Profile kns.a ingress` and
 * `Policy ns/default.x ingress` since v3.22, `NetworkPolicy ns/x ingress` since v3.32.
 */
export function readOwnerComment(comment: string): NamedByComment | null {
  const [, kind = '', id = '', direction] = /^([A-Z][A-Za-z]*) (\S+) (ingress|egress)$/.exec(comment) ?? [];
  if (direction !== 'ingress' && direction !== 'egress') return null;
  if (kind === 'Profile') return { direction, profile: id, policy: null };
  if (!kind.endsWith('Policy')) return null;
  return { direction, profile: null, policy: kind === 'Policy' ? unkinded(id) : kinded(kind, id) };
}

/** `ns/name` or `name`; a Kubernetes policy may carry Calico's own prefix. */
function kinded(kind: string, id: string): PolicyName {
  const [namespace, name] = id.includes('/')
    ? [id.slice(0, id.indexOf('/')), id.slice(id.indexOf('/') + 1)]
    : [null, id];
  const kubernetes = kubernetesPolicyOf(name);
  if (kubernetes !== null) return { ...kubernetes, namespace };
  return { kind, name, namespace, tier: kind === 'KubernetesNetworkPolicy' ? 'default' : null };
}

/** Felix's own policy name, `[tier/][ns/]tier.name`; in the default tier the object's name goes without its tier. */
function unkinded(id: string): PolicyName {
  const parts = id.split('/');
  const full = parts.pop() ?? id;
  const kubernetes = kubernetesPolicyOf(full);
  const tier =
    kubernetes !== null
      ? kubernetes.tier
      : parts.length === 2
        ? (parts[0] ?? null)
        : full.includes('.')
          ? full.slice(0, full.indexOf('.'))
          : 'default';
  // "x/y" is a tier and a global policy, or a namespace and its policy: the policy's prefix tells which.
  const namespace =
    parts.length === 2
      ? (parts[1] ?? null)
      : parts.length === 1 && parts[0] !== tier
        ? (parts[0] ?? null)
        : parts.length === 1 && kubernetes?.kind === 'KubernetesNetworkPolicy'
          ? (parts[0] ?? null)
          : null;
  return {
    kind: kubernetes?.kind ?? null,
    name: kubernetes?.name ?? full.replace(/^default\./, ''),
    namespace,
    tier,
  };
}
