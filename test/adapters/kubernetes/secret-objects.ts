/** Objects of a cluster with a secret in every field that a person may fill in. */
import { plantedSecrets } from '../../support/planted-secrets.ts';

export const texts = plantedSecrets.map(({ text }) => text);
const annotations = {
  ...Object.fromEntries(texts.map((text, at) => [`example.com/a${at}`, text])),
  'net.beta.kubernetes.io/network-policy': '{"ingress":{"isolation":"DefaultDeny"}}',
};
const metadata = (name: string, more: object = {}) => ({
  name,
  namespace: 'kube-system',
  uid: `uid-${name}`,
  resourceVersion: '1',
  labels: { app: name, 'auth-token': 'kept', 'k8s-app': 'calico-kube-controllers' },
  annotations,
  managedFields: texts.map((text) => ({ manager: text })),
  generateName: texts[0],
  ...more,
});
/** What Helm and a GitOps tool leave on what they apply. */
export const owned = {
  annotations: { ...annotations, 'meta.helm.sh/release-name': 'calico' },
  managedFields: [{ manager: 'argocd-controller' }, { manager: 'argocd-controller' }, { manager: texts[0] }],
};
const container = {
  name: 'main',
  image: 'web',
  command: texts,
  args: texts,
  env: [
    ...texts.map((value, at) => ({ name: `V${at}`, value })),
    { name: 'ENABLED_CONTROLLERS', value: 'node,policy' },
    { name: 'CALICO_NETWORKING_BACKEND', value: 'bird' },
  ],
  envFrom: texts,
  lifecycle: { preStop: { exec: { command: texts } } },
  livenessProbe: { httpGet: { httpHeaders: texts.map((value) => ({ name: 'Cookie', value })) } },
  ports: [{ containerPort: 8080, protocol: 'TCP', name: 'http' }],
};
const podSpec = {
  nodeName: 'node-a',
  serviceAccountName: 'calico-kube-controllers',
  containers: [container],
  initContainers: [container],
  ephemeralContainers: [container],
  volumes: texts.map((name) => ({ name, hostPath: { path: name } })),
};
const status = {
  phase: 'Running',
  podIP: '10.244.1.5',
  conditions: [{ type: 'Ready', status: 'False', message: texts.join('\n') }],
  message: texts.join('\n'),
  readyReplicas: 1,
  containerStatuses: [
    {
      name: 'main',
      ready: false,
      restartCount: 3,
      image: 'web',
      state: { waiting: { reason: 'CrashLoopBackOff', message: texts.join('\n') } },
      lastState: { terminated: { reason: 'OOMKilled', message: texts.join('\n') } },
    },
  ],
  initContainerStatuses: [
    {
      name: 'wait',
      restartCount: 0,
      image: texts[0],
      state: { terminated: { exitCode: 0, message: texts.join('\n') } },
    },
  ],
  addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
  nodeInfo: texts,
};
export const object = (name: string, more: object = {}) => ({
  metadata: metadata(name, more),
  spec: {
    ...podSpec,
    replicas: 1,
    template: { metadata: metadata('t'), spec: podSpec },
    podSelector: {},
    policyTypes: ['Ingress'],
    ingress: [],
    description: texts.join(' '),
  },
  status,
  data: texts,
  secrets: texts,
  aggregationRule: texts,
});
export const log = [
  ...texts,
  ...texts.map((text) => `${text} namespaces is forbidden`),
  'E1 namespaces is forbidden: User "u" cannot list resource "namespaces"',
].join('\n');
