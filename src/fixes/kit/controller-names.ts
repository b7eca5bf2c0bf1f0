/** What Calico's manifest calls its controllers. Source: manifests/calico-etcd.yaml. */

/** Account, role, binding and Deployment of the manifest are called alike. */
export const manifestName = 'calico-kube-controllers';
export const manifestNamespace = 'kube-system';
