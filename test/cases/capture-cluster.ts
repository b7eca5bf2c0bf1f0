/** An API server that answers from a capture: pods and nodes as their endpoints say, rights as the programs' logs say. */
import type { AccessQuestion, Deployment, KubernetesNode, KubernetesObject, Pod } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader, ListQuery } from '../../src/model/ports.ts';
import { labelledAs, storedApi, storedObjects } from './capture-stored.ts';
import type { Capture } from './capture.ts';

const at = '2026-11-23T18:00:00.000Z';

export function captureCluster(capture: Capture): ClusterReader {
  const pods = capture.endpoints.map((endpoint): Pod => ({
    metadata: {
      name: endpoint.spec.pod ?? '',
      namespace: endpoint.metadata.namespace ?? 'default',
      labels: endpoint.metadata.labels ?? {},
      annotations: { 'cni.projectcalico.org/podIPs': endpoint.spec.ipNetworks.join(',') },
    },
    spec: {
      nodeName: endpoint.spec.node,
      serviceAccountName: endpoint.spec.serviceAccountName ?? 'default',
      containers: [{ name: 'main' }],
    },
    status: { phase: 'Running', podIP: endpoint.spec.ipNetworks[0]?.split('/')[0] ?? '' },
  }));
  const nodes = capture.nodes.map((node): KubernetesNode => ({
    metadata: {
      name: node.metadata.name,
      annotations: {
        'projectcalico.org/IPv4Address': node.spec?.bgp?.ipv4Address ?? '',
        'projectcalico.org/IPv4IPIPTunnelAddr': node.spec?.bgp?.ipv4IPIPTunnelAddr ?? '',
      },
    },
    status: {
      addresses: [{ type: 'InternalIP', address: node.spec?.bgp?.ipv4Address?.split('/')[0] ?? '' }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }));
  const controllerLog = capture.text('kube-controllers.log');
  const system: Pod[] = [
    ...capture.nodes.map((node): Pod => systemPod(`calico-node-${node.metadata.name}`, nodeAgents, node.metadata.name)),
    ...(controllerLog === null ? [] : [systemPod('calico-kube-controllers', controllerSet, 'n1')]),
  ];
  const stored = capture.datastore === 'kubernetes' ? storedObjects(capture) : {};
  const agents =
    capture.datastore === 'kubernetes' ? withVariables(nodeAgents, { DATASTORE_TYPE: 'kubernetes' }) : nodeAgents;
  return {
    async read(reference) {
      const request = `GET ${reference.kind} ${reference.namespace ?? ''}/${reference.name}`;
      if (reference.apiVersion === storedApi)
        return answered(
          stored[reference.kind]?.find(({ metadata }) => metadata.name === reference.name),
          request,
        );
      const workload = [...(controllerLog === null ? [] : [controllers]), agents].find(
        ({ kind, metadata }) =>
          kind === reference.kind && metadata.name === reference.name && metadata.namespace === reference.namespace,
      );
      if (workload) return { ok: true, value: workload as never, request, at };
      // Every cluster of a capture had no Typha. Which controllers there were is known where their log is.
      if (reference.kind === 'Deployment' && reference.name !== 'calico-typha' && controllerLog === null)
        return missing(request);
      if (['Deployment', 'DaemonSet', 'Installation'].includes(reference.kind))
        return { ok: false, status: 404, reason: 'there is none', request, at };
      if (reference.kind === 'Namespace') {
        const { name } = reference;
        const labelled = labelledAs(capture, `kns.${name}`, { name });
        return answered({ metadata: { name }, ...labelled, status: { phase: 'Active' } }, request);
      }
      if (reference.kind === 'ServiceAccount') {
        const { namespace = 'default', name } = reference;
        const account = labelledAs(capture, `ksa.${namespace}.${name}`, { name, namespace });
        // Calico's own accounts may stand in a namespace that the capture has no profiles of.
        return answered(account ?? (name.startsWith('calico-') ? { metadata: { name, namespace } } : null), request);
      }
      if (reference.kind === 'Node')
        return answered(
          nodes.find(({ metadata }) => metadata.name === reference.name),
          request,
        );
      const pod =
        reference.kind === 'Pod'
          ? pods.find(({ metadata }) => metadata.name === reference.name && metadata.namespace === reference.namespace)
          : undefined;
      return pod ? { ok: true, value: pod as never, request, at } : missing(request);
    },
    async list(query) {
      const request = `LIST ${query.kind} ${query.labelSelector ?? ''} ${query.fieldSelector ?? ''}`;
      if (query.apiVersion === storedApi) {
        const found = stored[query.kind]?.filter(
          ({ metadata }) => query.namespace === undefined || metadata.namespace === query.namespace,
        );
        return answered(found, request);
      }
      if (query.kind === 'Node') return { ok: true, value: nodes as never, request, at };
      if (query.kind === 'ReplicaSet') return { ok: true, value: [controllerSet] as never, request, at };
      const asked = query.namespace === 'kube-system' ? system : query.labelSelector ? [] : pods;
      if (query.kind === 'Pod')
        return { ok: true, value: asked.filter((pod) => onNode(pod, query)) as never, request, at };
      if (query.kind === 'TigeraStatus') return { ok: false, status: 404, reason: 'there is none', request, at };
      return missing(request);
    },
    async podLog({ pod }) {
      const request = `GET log of ${pod}`;
      const text =
        pod === 'calico-kube-controllers'
          ? controllerLog
          : capture.text(`${pod.replace('calico-node-', '')}/felix.log`);
      return text === null ? missing(request) : { ok: true, value: text, request, at };
    },
    async accessReview(question) {
      const request = `SubjectAccessReview ${question.verb} ${question.resource}`;
      return {
        ok: true,
        value: { ...question, allowed: !refused(capture, question), reason: 'as the log says' },
        request,
        at,
      };
    },
  };
}

/** The authorizer's own words in the logs: `User "…" cannot list resource "namespaces"`. */
function refused(capture: Capture, { user, verb, resource }: AccessQuestion): boolean {
  const logs = [capture.text('kube-controllers.log'), capture.text('n1/felix.log')].join('\n').replaceAll('\\"', '"');
  return logs.includes(`User "${user}" cannot ${verb} resource "${resource}"`);
}

const workloadOf = (kind: string, name: string): Deployment => ({
  kind,
  metadata: { name, namespace: 'kube-system', uid: `uid of ${name}` },
  spec: {
    selector: { matchLabels: { 'k8s-app': name } },
    template: { spec: { serviceAccountName: name, containers: [] } },
  },
});
const controllers = workloadOf('Deployment', 'calico-kube-controllers');
const nodeAgents = workloadOf('DaemonSet', 'calico-node');
const ownedBy = ({ kind = '', metadata: { name, uid = '' } }: KubernetesObject) => [
  { kind, name, uid, controller: true },
];
const controllerSet: KubernetesObject = {
  kind: 'ReplicaSet',
  metadata: {
    name: 'calico-kube-controllers',
    namespace: 'kube-system',
    uid: 'uid of the set',
    ownerReferences: ownedBy(controllers),
  },
};

function systemPod(name: string, owner: KubernetesObject, node: string): Pod {
  const app = owner.metadata.name;
  return {
    metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': app }, ownerReferences: ownedBy(owner) },
    spec: { nodeName: node, serviceAccountName: app, hostNetwork: true, containers: [{ name: app }] },
    status: { phase: 'Running' },
  };
}

function onNode(pod: Pod, query: ListQuery): boolean {
  const node = /spec\.nodeName=(\S+)/.exec(query.fieldSelector ?? '')?.[1];
  const name = /metadata\.name=(\S+)/.exec(query.fieldSelector ?? '')?.[1];
  const account = /spec\.serviceAccountName=(\S+)/.exec(query.fieldSelector ?? '')?.[1];
  const app = /^k8s-app=(\S+)$/.exec(query.labelSelector ?? '')?.[1];
  return (
    (!node || pod.spec.nodeName === node) &&
    (!name || pod.metadata.name === name) &&
    (!account || pod.spec.serviceAccountName === account) &&
    (!app || app === pod.metadata.labels?.['k8s-app']) &&
    (!query.namespace || pod.metadata.namespace === query.namespace)
  );
}

function withVariables(workload: Deployment, variables: Readonly<Record<string, string>>): Deployment {
  const env = Object.entries(variables).map(([name, value]) => ({ name, value }));
  const { serviceAccountName } = workload.spec.template.spec;
  const containers = [{ name: workload.metadata.name, env }];
  return {
    ...workload,
    spec: {
      ...workload.spec,
      template: { spec: { ...(serviceAccountName === undefined ? {} : { serviceAccountName }), containers } },
    },
  };
}

function answered<T>(value: object | null | undefined, request: string): ApiAnswer<T> {
  return value
    ? { ok: true, value: value as T, request, at }
    : { ok: false, status: 404, reason: 'there is none', request, at };
}

function missing<T>(request: string): ApiAnswer<T> {
  return { ok: false, status: null, reason: 'the capture does not hold it', request, at };
}
