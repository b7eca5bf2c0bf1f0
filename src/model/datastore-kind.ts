/** The API groups in which the API server can serve Calico's objects. */
export const calicoApis = ['crd.projectcalico.org/v1', 'projectcalico.org/v3'] as const;
export type CalicoApi = (typeof calicoApis)[number];

/** Where Calico keeps its objects, as the cluster itself says. `kind` null: it does not say so. */
export type DatastoreKind = KubernetesDatastore | OtherDatastore;

interface OtherDatastore {
  readonly kind: 'etcdv3' | null;
  /** By the image of calico-node: it is Calico 2.x. */
  readonly isOfVersion2?: true;
}

export interface KubernetesDatastore {
  readonly kind: 'kubernetes';
  /** By which Calico's own programs read its objects. */
  readonly api: CalicoApi;
  /** With which the name of a pod's host-side interface begins. */
  readonly interfacePrefix: string;
}
