/** Whose a chain is. Plain and safe to print as JSON. */

type OwnerKind =
  | 'profile'
  | 'policy'
  | 'policy-group'
  | 'tier-default'
  | 'endpoint'
  | 'dispatch'
  | 'host-endpoint'
  | 'calico-static'
  | 'foreign';

/** A policy as Calico's comments and names tell it. */
export interface PolicyName {
  /** Kind of the object where the comment says it; null before v3.32. */
  readonly kind: string | null;
  readonly name: string;
  readonly namespace: string | null;
  readonly tier: string | null;
}

export interface Owner {
  readonly kind: OwnerKind;
  /** The object's own metadata.name; the interface of an endpoint; else the chain. */
  readonly name: string;
  readonly namespace: string | null;
  readonly tier: string | null;
  readonly direction: 'ingress' | 'egress' | null;
  /** policy: itself, with its kind. tier-default and policy-group: the policies that select the endpoint there. */
  readonly policies: readonly PolicyName[];
  /** `foreign`: who writes such rules, by the rule's own words; absent: nothing in it says. */
  readonly writer?: string;
  /** How the name was found. `chain`: only the (perhaps hashed) chain name is known. */
  readonly by: 'name' | 'comment' | 'known-name' | 'chain';
}

/** Names known from the datastore, to resolve hashed chain names. */
export interface KnownNames {
  readonly profiles: readonly string[];
  readonly policies: readonly PolicyName[];
}
