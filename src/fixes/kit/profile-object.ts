import { stringify } from 'yaml';

/** What a profile is made from: a namespace (`kns.NS`), or an account of it (`ksa.NS.ACCOUNT`). */
export type ProfileOwner = { readonly kind: 'namespace' } | { readonly kind: 'account'; readonly account: string };

/** @returns null for a name that is neither of this namespace: such profiles are not Calico's controllers'. */
export function profileOwner(profile: string, namespace: string): ProfileOwner | null {
  if (profile === `kns.${namespace}`) return { kind: 'namespace' };
  const prefix = `ksa.${namespace}.`;
  return profile.startsWith(prefix) && profile.length > prefix.length
    ? { kind: 'account', account: profile.slice(prefix.length) }
    : null;
}

export interface ProfileObject {
  readonly apiVersion: 'projectcalico.org/v3';
  readonly kind: 'Profile';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly ingress?: readonly { readonly action: 'Allow' }[];
    readonly egress?: readonly { readonly action: 'Allow' }[];
    readonly labelsToApply: Readonly<Record<string, string>>;
  };
}

const labelPrefix = ({ kind }: ProfileOwner) => (kind === 'namespace' ? 'pcns.' : 'pcsa.');
const nameLabel = (owner: ProfileOwner) => `${labelPrefix(owner)}projectcalico.org/name`;

/**
 * The profile that Calico's controller would write (v3 form). A namespace's profile allows everything that no policy
 * decides; an account's profile has labels alone. Every label of the owner becomes `pcns.LABEL` or `pcsa.LABEL`.
 */
export function profileObject(
  profile: string,
  namespace: string,
  owner: ProfileOwner,
  labels: Readonly<Record<string, string>>,
): ProfileObject {
  const prefix = labelPrefix(owner);
  const name = owner.kind === 'namespace' ? namespace : owner.account;
  const all = {
    ...Object.fromEntries(Object.entries(labels).map(([label, value]) => [`${prefix}${label}`, value])),
    [nameLabel(owner)]: name,
  };
  const labelsToApply = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const allow = [{ action: 'Allow' }] as const;
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'Profile',
    metadata: { name: profile },
    spec: owner.kind === 'namespace' ? { egress: allow, ingress: allow, labelsToApply } : { labelsToApply },
  };
}

/** As a person reads it. The document of the command that creates it holds the same. */
export function profileText(object: ProfileObject): string {
  return stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The values that make the document of the command that creates it this object. */
export function profileParams(
  { spec }: ProfileObject,
  namespace: string,
  owner: ProfileOwner,
): Readonly<Record<string, string>> {
  const further = Object.entries(spec.labelsToApply).filter(([label]) => label !== nameLabel(owner));
  return {
    namespace,
    ...(owner.kind === 'account' && { account: owner.account }),
    labels: further.map(([label, value]) => `${label}=${value}`).join(','),
  };
}
