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

/** The profile that Calico 2.x names in the endpoint of a Kubernetes pod: its namespace's. */
export function oldNamespaceProfile(namespace: string): string {
  return `k8s_ns.${namespace}`;
}
