import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { kubeObjectSchema, type Administrator, type KubeObject } from '../control-plane/api.ts';
import { projectRoot } from '../paths.ts';

/** Where the API server has the kinds that deploy/ holds. */
const collections: Record<string, string> = {
  Namespace: '/api/v1/namespaces',
  ServiceAccount: '/api/v1/namespaces/NAMESPACE/serviceaccounts',
  NetworkPolicy: '/apis/networking.k8s.io/v1/namespaces/NAMESPACE/networkpolicies',
  DaemonSet: '/apis/apps/v1/namespaces/NAMESPACE/daemonsets',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/NAMESPACE/rolebindings',
  ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
  ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
};

/** Creates an object of a manifest; one that is there already is left as it is. Resolves to what is stored. */
export async function ensureManifest(api: Administrator, object: KubeObject): Promise<KubeObject> {
  const collection = collections[object.kind ?? ''];
  if (collection === undefined) throw new Error(`deploy: no place for a ${object.kind}`);
  const stored = await api.ensure(collection.replace('NAMESPACE', object.metadata.namespace ?? ''), object);
  return { ...stored, kind: object.kind };
}

/** The objects of folders of deploy/, in the order in which kubectl applies them. */
export function manifestsOf(folders: readonly string[]): KubeObject[] {
  return folders
    .map((folder) => `${projectRoot}/deploy/${folder}`)
    .flatMap((where) => readdirSync(where).map((file) => `${where}/${file}`))
    .filter((file) => file.endsWith('.yaml'))
    .toSorted()
    .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')))
    .map((one) => kubeObjectSchema.parse(one.toJS()));
}
