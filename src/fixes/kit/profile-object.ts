import { stringify } from 'yaml';
import { oldNamespaceProfile } from '../../calico/usual-profiles.ts';
import { ownProfileTag } from '../../commands/calicoctl-v1.ts';

/**
 * What a profile is made from: a namespace (`kns.NS`, in Calico 2.x `k8s_ns.NS`), or an account of it
 * (`ksa.NS.ACCOUNT`).
 */
export type ProfileOwner =
  | { readonly kind: 'namespace' | 'old-namespace' }
  | { readonly kind: 'account'; readonly account: string };

/** @returns null for a name that is neither of this namespace: such profiles are not Calico's controllers'. */
export function profileOwner(profile: string, namespace: string): ProfileOwner | null {
  if (profile === `kns.${namespace}`) return { kind: 'namespace' };
  if (profile === oldNamespaceProfile(namespace)) return { kind: 'old-namespace' };
  const prefix = `ksa.${namespace}.`;
  return profile.startsWith(prefix) && profile.length > prefix.length
    ? { kind: 'account', account: profile.slice(prefix.length) }
    : null;
}

export type ProfileObject = TodaysProfile | OldProfile;
interface TodaysProfile {
  readonly apiVersion: 'projectcalico.org/v3';
  readonly kind: 'Profile';
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly ingress?: readonly { readonly action: 'Allow' }[];
    readonly egress?: readonly { readonly action: 'Allow' }[];
    readonly labelsToApply: Labels;
  };
}
interface OldProfile {
  readonly apiVersion: 'v1';
  readonly kind: 'profile';
  readonly spec: Readonly<Record<'egress' | 'ingress', readonly { readonly action: 'allow' }[]>>;
  readonly metadata: { readonly name: string; readonly tags: readonly string[]; readonly labels: Labels };
}
type Labels = Readonly<Record<string, string>>;

/** How the labels of its owner are spelled in it. In Calico 2.x that depends on the controller: a profile has both. */
const prefixesOf = {
  namespace: ['pcns.'],
  'old-namespace': ['k8s_ns/label/', 'pcns.'],
  account: ['pcsa.'],
} as const;
const nameLabels = {
  namespace: 'pcns.projectcalico.org/name',
  'old-namespace': 'calico/k8s_ns',
  account: 'pcsa.projectcalico.org/name',
} as const;

/**
 * The profile that Calico's controller would write. A namespace's profile allows everything that no policy decides; an
 * account's profile has labels alone. Every label of the owner becomes one of the profile's, behind a prefix.
 */
export function profileObject(profile: string, namespace: string, owner: ProfileOwner, own: Labels): ProfileObject {
  const all = Object.fromEntries([
    ...prefixesOf[owner.kind].flatMap((prefix) =>
      Object.entries(own).map(([label, value]): [string, string] => [`${prefix}${label}`, value]),
    ),
    [nameLabels[owner.kind], owner.kind === 'account' ? owner.account : namespace],
  ]);
  const labels = Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (owner.kind === 'old-namespace') {
    const allow = [{ action: 'allow' }] as const;
    return {
      apiVersion: 'v1',
      kind: 'profile',
      spec: { egress: allow, ingress: allow },
      metadata: { name: profile, tags: [profile, ownProfileTag], labels },
    };
  }
  const allow = [{ action: 'Allow' }] as const;
  const rules = owner.kind === 'namespace' ? { egress: allow, ingress: allow } : {};
  return {
    apiVersion: 'projectcalico.org/v3',
    kind: 'Profile',
    metadata: { name: profile },
    spec: { ...rules, labelsToApply: labels },
  };
}

/** Returns the labels that endpoints inherit from a profile. */
export function labelsOf(object: ProfileObject): Labels {
  return object.kind === 'profile' ? object.metadata.labels : object.spec.labelsToApply;
}

/** As a person reads it. The document of the command that creates it holds the same. */
export function profileText(object: ProfileObject): string {
  return stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
}

/** The values that make the document of the command that creates it this object. */
export function profileParams(
  object: ProfileObject,
  namespace: string,
  owner: ProfileOwner,
): Readonly<Record<string, string>> {
  const further = Object.entries(labelsOf(object)).filter(([label]) => label !== nameLabels[owner.kind]);
  return {
    namespace,
    ...(owner.kind === 'account' && { account: owner.account }),
    labels: further.map(([label, value]) => `${label}=${value}`).join(','),
  };
}
