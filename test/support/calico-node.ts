/** The DaemonSet of a Calico installed from a manifest, with etcd as its datastore. */
export const calicoNode = {
  kind: 'DaemonSet',
  metadata: { name: 'calico-node', namespace: 'kube-system', labels: { 'k8s-app': 'calico-node' } },
  spec: {
    selector: { matchLabels: { 'k8s-app': 'calico-node' } },
    template: { spec: { containers: [{ name: 'calico-node', env: [{ name: 'DATASTORE_TYPE', value: 'etcdv3' }] }] } },
  },
  status: {},
};
