import type { CalicoPolicy } from '../model/calico.ts';

/**
 * Whether two names are of one policy. A policy of the default tier may be stored, and be named by Felix, with the
 * tier's name before its own or without it: that depends on the versions that wrote and that render it.
 */
export function isSamePolicy(one: string, other: string): boolean {
  return withoutTier(one) === withoutTier(other);
}

function withoutTier(name: string): string {
  return name.replace(/^((?:[^/]*\/)?)default\./, '$1');
}

/** `namespace/name` or `name`; a Kubernetes policy without Calico's own prefix. */
export function policyName({ metadata }: Pick<CalicoPolicy, 'metadata'>): string {
  const name = metadata.name.replace(/^knp\.default\./, '');
  return metadata.namespace ? `${metadata.namespace}/${name}` : name;
}
