import type { CalicoPolicy } from '../model/calico.ts';

/** Names that Felix makes for policies of the Kubernetes API (libcalico-go lib/names, v3.29 to v3.32). */
const kubernetesPrefixes = [
  { prefix: 'knp.default.', kind: 'KubernetesNetworkPolicy', tier: 'default' },
  { prefix: 'kanp.adminnetworkpolicy.', kind: 'AdminNetworkPolicy', tier: 'adminnetworkpolicy' },
  {
    prefix: 'kbanp.baselineadminnetworkpolicy.',
    kind: 'BaselineAdminNetworkPolicy',
    tier: 'baselineadminnetworkpolicy',
  },
] as const;

/** A policy of the Kubernetes API, as Felix names it. */
export interface KubernetesPolicyName {
  readonly kind: (typeof kubernetesPrefixes)[number]['kind'];
  /** As Kubernetes has it. */
  readonly name: string;
  readonly tier: string;
}

/** Returns the policy of the Kubernetes API behind a name of Felix's; null: the name is not of one. */
export function kubernetesPolicyOf(name: string): KubernetesPolicyName | null {
  const found = kubernetesPrefixes.find(({ prefix }) => name.startsWith(prefix) && name.length > prefix.length);
  return found ? { kind: found.kind, name: name.slice(found.prefix.length), tier: found.tier } : null;
}

/** Returns the name and the tier that Felix gives a policy of the Kubernetes API. */
export function felixName(
  kind: KubernetesPolicyName['kind'],
  name: string,
): Pick<KubernetesPolicyName, 'name' | 'tier'> {
  const { prefix = '', tier = '' } = kubernetesPrefixes.find((one) => one.kind === kind) ?? {};
  return { name: `${prefix}${name}`, tier };
}

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
  const name = kubernetesPolicyOf(metadata.name)?.name ?? metadata.name;
  return metadata.namespace ? `${metadata.namespace}/${name}` : name;
}
