/** What Felix lists and watches with the Kubernetes datastore (manifests/calico.yaml, ClusterRole calico-node). */
export const neededByFelix: readonly { readonly group: string; readonly resource: string }[] = [
  { group: '', resource: 'namespaces' },
  { group: '', resource: 'pods' },
  { group: '', resource: 'nodes' },
  { group: '', resource: 'serviceaccounts' },
  { group: '', resource: 'services' },
  { group: 'networking.k8s.io', resource: 'networkpolicies' },
  { group: 'discovery.k8s.io', resource: 'endpointslices' },
];

/** What Felix lists by itself where Typha reads for it: where Typha is (typha/pkg/discovery/discovery.go). */
export const neededToFindTypha: typeof neededByFelix = [{ group: 'discovery.k8s.io', resource: 'endpointslices' }];

/** Of Calico's own group, kinds that every version of Felix lists with the Kubernetes datastore (same ClusterRole). */
export const ownKindsOfFelix: readonly string[] = [
  'clusterinformations',
  'felixconfigurations',
  'globalnetworkpolicies',
  'globalnetworksets',
  'hostendpoints',
  'ippools',
  'networkpolicies',
  'networksets',
];
