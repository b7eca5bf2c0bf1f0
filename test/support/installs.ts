/** Objects of a cluster as each way of installing Calico leaves them. */
import type { Install, InstallKind, InstalledPart, ObjectOwner } from '../../src/model/install.ts';
import type {
  Deployment,
  Installation,
  KubernetesObject,
  ObjectMeta,
  TigeraStatus,
} from '../../src/model/kubernetes.ts';

/** A workload of Calico's, as its manifest has it. */
export function workloadIn(
  namespace: string,
  kind: 'DaemonSet' | 'Deployment',
  name: string,
  metadata: Partial<ObjectMeta> = {},
): Deployment {
  return {
    kind,
    metadata: { name, namespace, uid: `uid of ${name}`, labels: { 'k8s-app': name }, ...metadata },
    spec: {
      ...(kind === 'Deployment' ? { replicas: 1 } : {}),
      selector: { matchLabels: { 'k8s-app': name } },
      template: { spec: { serviceAccountName: name, containers: [{ name }] } },
    },
  };
}

/** The reference with which the operator owns what it makes. */
export const byInstallation = {
  ownerReferences: [{ kind: 'Installation', name: 'default', uid: 'uid of default', controller: true }],
};

export function installationOf(linuxDataplane?: string): Installation {
  return {
    kind: 'Installation',
    metadata: { name: 'default' },
    spec: { calicoNetwork: linuxDataplane === undefined ? {} : { linuxDataplane } },
    status: { calicoVersion: 'v3.32.1' },
  };
}

export function statusOf(name: string, message: string | null = null): TigeraStatus {
  const degraded = message === null ? { status: 'False' } : { status: 'True', message };
  return {
    kind: 'TigeraStatus',
    metadata: { name },
    status: {
      conditions: [
        { type: 'Available', status: 'True' },
        { type: 'Degraded', ...degraded },
      ],
    },
  };
}

export const manifestObjects: readonly KubernetesObject[] = [
  workloadIn('kube-system', 'DaemonSet', 'calico-node'),
  workloadIn('kube-system', 'Deployment', 'calico-kube-controllers'),
];

export const operatorObjects: readonly KubernetesObject[] = [
  workloadIn('calico-system', 'DaemonSet', 'calico-node', byInstallation),
  workloadIn('calico-system', 'Deployment', 'calico-kube-controllers', byInstallation),
  workloadIn('calico-system', 'Deployment', 'calico-typha', byInstallation),
  workloadIn('calico-system', 'Deployment', 'calico-apiserver', {
    ownerReferences: [{ kind: 'APIServer', name: 'default', uid: 'uid of the server', controller: true }],
  }),
  installationOf('Iptables'),
  statusOf('calico'),
  statusOf('apiserver'),
];

const owners: Readonly<Record<InstallKind, ObjectOwner | null>> = {
  manifest: null,
  operator: { by: 'operator', name: 'Installation default' },
  helm: { by: 'helm', name: 'Helm release calico' },
  other: { by: 'gitops', name: 'Argo CD application net' },
  unknown: null,
};

/** The fact of each way of installing Calico. */
export function installed(kind: InstallKind): Install {
  const nothing = {
    kind,
    node: null,
    backend: null,
    controllers: null,
    typha: null,
    apiServer: null,
    operator: null,
    unread: [],
  };
  if (kind === 'unknown') return nothing;
  const part = (of: InstalledPart['kind'], name: string): InstalledPart => ({
    kind: of,
    namespace: kind === 'operator' ? 'calico-system' : 'kube-system',
    name,
    selector: `k8s-app=${name}`,
    account: name,
    owner: owners[kind],
  });
  return {
    ...nothing,
    node: part('DaemonSet', 'calico-node'),
    controllers: part('Deployment', 'calico-kube-controllers'),
    operator:
      kind === 'operator'
        ? { installation: 'default', owner: null, linuxDataplane: null, version: 'v3.31.0', degraded: [] }
        : null,
  };
}
