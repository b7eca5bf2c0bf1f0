import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { isDual } from '../dual-stack.ts';
import { encapsulations } from '../encapsulation.ts';
import { iptablesOf } from '../saved-rules.ts';
import { apiServer, calicoEtcd, calicoNamespace, controllersName, type Topology } from '../topology.ts';
import { ensureTypha, felixTyphaVariables, typhaAccount, typhaService } from './typha.ts';
import { ensureOperator } from './operator-install.ts';

/**
 * What Calico's manifests put into a cluster: accounts, roles, the DaemonSet and the
 * Deployment, in the names, labels and verbs of CALICO's manifests.
 */

/** What the lab was asked for that the installer says in names and variables. */
type Installed = Pick<Topology, 'dataplane' | 'encap' | 'era' | 'families' | 'layout' | 'typha'>;

type PolicyRule = { apiGroups: string[]; resources: string[]; verbs: string[] };

const rule = (group: string, resources: string[], verbs: string[]): PolicyRule => ({
  apiGroups: [group],
  resources,
  verbs,
});

const etcdRoles: Record<string, PolicyRule[]> = {
  'calico-kube-controllers': [
    rule('', ['pods', 'nodes', 'namespaces', 'serviceaccounts'], ['get', 'list', 'watch']),
    rule('', ['services', 'services/status'], ['get', 'list', 'update', 'watch']),
    rule('networking.k8s.io', ['networkpolicies'], ['list', 'watch']),
  ],
  'calico-node': [
    rule('', ['pods', 'nodes', 'namespaces'], ['get']),
    rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    rule('', ['endpoints', 'services'], ['list', 'watch']),
    rule('', ['configmaps'], ['get']),
    rule('', ['nodes/status'], ['patch']),
  ],
};

/** Of Calico 2.x. Today's API servers have policies in a group of their own. */
const policyControllerRole: PolicyRule[] = [
  rule('', ['pods', 'namespaces'], ['list', 'watch']),
  rule('extensions', ['networkpolicies'], ['list', 'watch']),
  rule('networking.k8s.io', ['networkpolicies'], ['list', 'watch']),
];

const calicoGroups = ['projectcalico.org', 'crd.projectcalico.org'];
const ofCalico = (resources: string[], verbs: string[]): PolicyRule => ({ apiGroups: calicoGroups, resources, verbs });

/** Where the API server is the datastore, Felix reads all that it needs there. */
const kubernetesRoles: Record<string, PolicyRule[]> = {
  'calico-kube-controllers': [
    rule('', ['nodes', 'pods', 'namespaces'], ['get', 'list', 'watch']),
    rule('', ['services', 'services/status'], ['get', 'list', 'update', 'watch']),
    ofCalico(['ippools', 'ipreservations'], ['list', 'watch']),
    ofCalico(
      ['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs', 'tiers', 'hostendpoints'],
      ['get', 'list', 'create', 'update', 'delete', 'watch'],
    ),
    ofCalico(
      ['clusterinformations', 'kubecontrollersconfigurations', 'kubecontrollersconfigurations/status'],
      ['get', 'list', 'create', 'update', 'watch'],
    ),
    rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['get', 'list', 'watch']),
  ],
  'calico-node': [
    rule('', ['pods', 'namespaces', 'serviceaccounts', 'nodes', 'endpoints', 'services'], ['get', 'list', 'watch']),
    rule('', ['configmaps'], ['get']),
    rule('', ['nodes/status', 'pods/status'], ['patch', 'update']),
    rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
    rule('networking.k8s.io', ['networkpolicies'], ['list', 'watch']),
    rule('policy.networking.k8s.io', ['*'], ['list', 'watch']),
    rule('kubevirt.io', ['virtualmachineinstancemigrations'], ['list', 'watch']),
    rule('apiextensions.k8s.io', ['customresourcedefinitions'], ['get', 'list', 'watch']),
    ofCalico(['*'], ['get', 'list', 'watch']),
    ofCalico(
      ['ippools', 'felixconfigurations', 'bgpconfigurations', 'clusterinformations', 'caliconodestatuses'],
      ['create', 'update'],
    ),
    ofCalico(['blockaffinities', 'ipamblocks', 'ipamhandles', 'ipamconfigs'], ['create', 'update', 'delete']),
  ],
};

/** Of an operator's Typha, which reads for every Felix. */
const typhaRole: PolicyRule[] = [
  rule('', ['pods', 'namespaces', 'serviceaccounts', 'nodes', 'endpoints', 'services'], ['get', 'list', 'watch']),
  rule('', ['nodes/status', 'pods/status'], ['patch', 'update']),
  rule('discovery.k8s.io', ['endpointslices'], ['list', 'watch']),
  rule('networking.k8s.io', ['networkpolicies'], ['list', 'watch']),
  rule('policy.networking.k8s.io', ['*'], ['list', 'watch']),
  rule('kubevirt.io', ['virtualmachineinstancemigrations'], ['list', 'watch']),
  ofCalico(['*'], ['get', 'list', 'watch']),
  ofCalico(['ippools', 'felixconfigurations', 'clusterinformations'], ['create', 'update']),
  ofCalico(['blockaffinities', 'ipamblocks', 'ipamhandles'], ['create', 'update', 'delete']),
];

const enabledControllers = 'policy,namespace,serviceaccount,workloadendpoint,node';

const variables = (of: Record<string, string>) => Object.entries(of).map(([name, value]) => ({ name, value }));

const secretVolume = { name: 'etcd-certs', secret: { secretName: 'calico-etcd-secrets', defaultMode: 256 } };

const etcdSettings = {
  etcd_endpoints: calicoEtcd,
  etcd_ca: '/calico-secrets/etcd-ca',
  etcd_cert: '/calico-secrets/etcd-cert',
  etcd_key: '/calico-secrets/etcd-key',
};

const secretMount = { volumeMounts: [{ name: 'etcd-certs', mountPath: '/calico-secrets' }] };

const etcdVariables = {
  DATASTORE_TYPE: 'etcdv3',
  ETCD_ENDPOINTS: calicoEtcd,
  ETCD_CA_CERT_FILE: '/calico-secrets/etcd-ca',
  ETCD_KEY_FILE: '/calico-secrets/etcd-key',
  ETCD_CERT_FILE: '/calico-secrets/etcd-cert',
};

/** What Felix is told by the DaemonSet, beside the datastore. */
function felixVariables({ dataplane, encap, families }: Installed): Record<string, string> {
  return {
    FELIX_IPTABLESBACKEND: iptablesOf(dataplane),
    ...(dataplane === 'nftables' ? { FELIX_NFTABLESMODE: 'Enabled' } : {}),
    FELIX_DEFAULTENDPOINTTOHOSTACTION: 'ACCEPT',
    FELIX_IPV6SUPPORT: String(isDual({ families })),
    FELIX_HEALTHENABLED: 'true',
    FELIX_IPINIPENABLED: String(encapsulations[encap].ipipMode !== 'Never'),
    FELIX_VXLANENABLED: String(encapsulations[encap].vxlanMode !== 'Never'),
    FELIX_LOGSEVERITYSCREEN: 'info',
  };
}

const kubernetesVariables = { DATASTORE_TYPE: 'kubernetes' };

const nodeTemplate = (installed: Installed, isEtcd: boolean) => ({
  metadata: { labels: { 'k8s-app': 'calico-node' } },
  spec: {
    hostNetwork: true,
    serviceAccountName: 'calico-node',
    tolerations: [{ operator: 'Exists' }],
    containers: [
      {
        name: 'calico-node',
        image: `quay.io/calico/node:${installed.era === '2' ? 'v2.6.12' : 'master'}`,
        securityContext: { privileged: true },
        env: [
          ...variables({
            ...(isEtcd ? etcdVariables : kubernetesVariables),
            CLUSTER_TYPE: 'k8s,bgp',
            IP: 'autodetect',
            ...(isDual(installed) ? { IP6: 'autodetect' } : {}),
            CALICO_NETWORKING_BACKEND: encapsulations[installed.encap].backend,
            CALICO_IPV4POOL_IPIP: encapsulations[installed.encap].ipipMode,
            CALICO_IPV4POOL_VXLAN: encapsulations[installed.encap].vxlanMode,
            ...felixVariables(installed),
            ...felixTyphaVariables(installed),
          }),
          { name: 'CALICO_K8S_NODE_REF', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
        ],
        ...(isEtcd ? secretMount : {}),
      },
    ],
    ...(isEtcd ? { volumes: [secretVolume] } : {}),
  },
});

const controllersTemplate = (installed: Installed, isEtcd: boolean) => ({
  metadata: { labels: { 'k8s-app': controllersName(installed) } },
  spec: {
    hostNetwork: true,
    serviceAccountName: controllersName(installed),
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
    containers: [
      {
        name: controllersName(installed),
        ...controllersContainer(installed, isEtcd),
        ...(isEtcd ? secretMount : {}),
      },
    ],
    ...(isEtcd ? { volumes: [secretVolume] } : {}),
  },
});

function controllersContainer({ era }: Installed, isEtcd: boolean) {
  if (era === '2')
    return {
      image: 'quay.io/calico/kube-policy-controller:v0.7.0',
      env: variables({ ...etcdVariables, K8S_API: apiServer, CONFIGURE_ETC_HOSTS: 'true' }),
    };
  return {
    image: 'quay.io/calico/calico:master',
    env: variables(
      isEtcd
        ? { ...etcdVariables, ENABLED_CONTROLLERS: enabledControllers }
        : { ...kubernetesVariables, ENABLED_CONTROLLERS: 'node,loadbalancer' },
    ),
  };
}

/**
 * Accounts, roles, ConfigMap, Secret, DaemonSet and Deployment; their pods are made by the supervisor.
 * @param secrets of etcd; null: the API server is the datastore
 */
export async function ensureCalicoInstall(
  api: Administrator,
  installed: Installed,
  secrets: Record<string, string> | null,
): Promise<void> {
  const controllers = controllersName(installed);
  const roles: Record<string, PolicyRule[]> = {
    ...(secrets === null ? kubernetesRoles : etcdRoles),
    'calico-policy-controller': policyControllerRole,
    [typhaService]: typhaRole,
  };
  const { layout } = installed;
  const namespace = calicoNamespace(installed);
  const mark = layout === 'operator' ? await ensureOperator(api, installed) : ofManifest;
  const object = (apiVersion: string, kind: string, name: string, rest: Record<string, unknown>, isNamespaced = true) =>
    mark({ apiVersion, kind, metadata: { name, ...(isNamespaced ? { namespace } : {}) }, ...rest });
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  const rbac = 'rbac.authorization.k8s.io';
  await Promise.all(
    [...new Set([controllers, 'calico-node', ...(installed.typha ? [typhaAccount(installed)] : [])])].map(
      async (name) => {
        await api.ensure(`${core}/serviceaccounts`, object('v1', 'ServiceAccount', name, {}));
        await api.ensure(
          `/apis/${rbac}/v1/clusterroles`,
          object(`${rbac}/v1`, 'ClusterRole', name, { rules: roles[name] }, false),
        );
        const binding = {
          roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
          subjects: [{ kind: 'ServiceAccount', name, namespace }],
        };
        await api.ensure(
          `/apis/${rbac}/v1/clusterrolebindings`,
          object(`${rbac}/v1`, 'ClusterRoleBinding', name, binding, false),
        );
      },
    ),
  );
  // The operator passes settings by variables, and gives the plugin its own ConfigMap.
  if (layout === 'manifest')
    await api.ensure(
      `${core}/configmaps`,
      object('v1', 'ConfigMap', 'calico-config', {
        data: {
          ...(secrets === null ? {} : etcdSettings),
          typha_service_name: installed.typha ? typhaService : 'none',
          calico_backend: encapsulations[installed.encap].backend,
          veth_mtu: '0',
        },
      }),
    );
  if (secrets !== null)
    await api.ensure(`${core}/secrets`, object('v1', 'Secret', 'calico-etcd-secrets', { stringData: secrets }));
  if (installed.typha) await ensureTypha(api, { layout, namespace }, mark);
  await api.ensure(
    `${apps}/daemonsets`,
    object('apps/v1', 'DaemonSet', 'calico-node', {
      spec: {
        selector: { matchLabels: { 'k8s-app': 'calico-node' } },
        updateStrategy: { type: 'RollingUpdate' },
        template: nodeTemplate(installed, secrets !== null),
      },
    }),
  );
  await api.ensure(
    `${apps}/deployments`,
    object('apps/v1', 'Deployment', controllers, {
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: { 'k8s-app': controllers } },
        template: controllersTemplate(installed, secrets !== null),
      },
    }),
  );
}

function ofManifest(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { 'k8s-app': object.metadata.name } } };
}
