/**
 * The profiles that Calico names in the endpoint of a Kubernetes pod (libcalico-go conversion): its namespace's and its
 * account's.
 */
export function usualProfiles({
  namespace,
  serviceAccount,
}: {
  readonly namespace: string;
  readonly serviceAccount: string;
}): readonly string[] {
  return [`kns.${namespace}`, `ksa.${namespace}.${serviceAccount}`];
}

const oldPrefix = 'k8s_ns.';

/** The profile that Calico 2.x names in the endpoint of a Kubernetes pod: its namespace's. */
export function oldNamespaceProfile(namespace: string): string {
  return `${oldPrefix}${namespace}`;
}

/** Returns the namespace of such a profile; null: it is not one. */
export function oldProfileNamespace(profile: string): string | null {
  return profile.startsWith(oldPrefix) ? profile.slice(oldPrefix.length) : null;
}

/** In Calico 2.x a namespace denies what comes to its pods by this annotation, and its profile says so. */
export const isolationAnnotation = 'net.beta.kubernetes.io/network-policy';
