/** An API server that answers from a capture: pods and nodes as their endpoints say, rights as the programs' logs say. */
import type { AccessQuestion, KubernetesNode, Pod } from '../../src/model/kubernetes.ts';
import type { ApiAnswer, ClusterReader, ListQuery } from '../../src/model/ports.ts';
import type { Capture } from './capture.ts';

const at = '2026-11-23T18:00:00.000Z';

export function captureCluster(capture: Capture): ClusterReader {
  const pods = capture.endpoints.map((endpoint): Pod => ({
    metadata: { name: endpoint.spec.pod ?? '', namespace: endpoint.metadata.namespace ?? 'default', labels: endpoint.metadata.labels ?? {} },
    spec: { nodeName: endpoint.spec.node, serviceAccountName: endpoint.spec.serviceAccountName ?? 'default', containers: [{ name: 'main' }] },
    status: { phase: 'Running', podIP: endpoint.spec.ipNetworks[0]?.split('/')[0] ?? '' },
  }));
  const nodes = capture.nodes.map((node): KubernetesNode => ({
    metadata: { name: node.metadata.name },
    status: { addresses: [{ type: 'InternalIP', address: node.spec?.bgp?.ipv4Address?.split('/')[0] ?? '' }] },
  }));
  const controllerLog = capture.text('kube-controllers.log');
  const system: Pod[] = [
    ...capture.nodes.map((node): Pod => systemPod(`calico-node-${node.metadata.name}`, 'calico-node', node.metadata.name)),
    ...(controllerLog === null ? [] : [systemPod('calico-kube-controllers', 'calico-kube-controllers', 'n1')]),
  ];
  return {
    async read(reference) {
      const request = `GET ${reference.kind} ${reference.namespace ?? ''}/${reference.name}`;
      if (reference.kind === 'Namespace') return { ok: true, value: { metadata: { name: reference.name }, status: { phase: 'Active' } } as never, request, at };
      const pod = reference.kind === 'Pod' ? pods.find(({ metadata }) => metadata.name === reference.name && metadata.namespace === reference.namespace) : undefined;
      return pod ? { ok: true, value: pod as never, request, at } : missing(request);
    },
    async list(query) {
      const request = `LIST ${query.kind} ${query.labelSelector ?? ''} ${query.fieldSelector ?? ''}`;
      if (query.kind === 'Node') return { ok: true, value: nodes as never, request, at };
      if (query.labelSelector?.includes('kube-controllers') && controllerLog === null) return missing(request);
      if (query.kind === 'Pod') return { ok: true, value: [...(query.labelSelector ? system.filter((pod) => query.labelSelector?.includes(pod.metadata.labels?.['k8s-app'] ?? '?')) : pods)].filter((pod) => onNode(pod, query)) as never, request, at };
      return missing(request);
    },
    async podLog({ pod }) {
      const request = `GET log of ${pod}`;
      const text = pod === 'calico-kube-controllers' ? controllerLog : capture.text(`${pod.replace('calico-node-', '')}/felix.log`);
      return text === null ? missing(request) : { ok: true, value: text, request, at };
    },
    async accessReview(question) {
      const request = `SubjectAccessReview ${question.verb} ${question.resource}`;
      return { ok: true, value: { ...question, allowed: !refused(capture, question), reason: 'as the log says' }, request, at };
    },
  };
}

/** The authorizer's own words in the logs: `User "…" cannot list resource "namespaces"`. */
function refused(capture: Capture, { user, verb, resource }: AccessQuestion): boolean {
  const logs = [capture.text('kube-controllers.log'), capture.text('n1/felix.log')].join('\n').replaceAll('\\"', '"');
  return logs.includes(`User "${user}" cannot ${verb} resource "${resource}"`);
}

function systemPod(name: string, app: string, node: string): Pod {
  return { metadata: { name, namespace: 'kube-system', labels: { 'k8s-app': app } }, spec: { nodeName: node, serviceAccountName: app, hostNetwork: true, containers: [{ name: app }] }, status: { phase: 'Running' } };
}

function onNode(pod: Pod, query: ListQuery): boolean {
  const node = /spec\.nodeName=(\S+)/.exec(query.fieldSelector ?? '')?.[1];
  const name = /metadata\.name=(\S+)/.exec(query.fieldSelector ?? '')?.[1];
  return (!node || pod.spec.nodeName === node) && (!name || pod.metadata.name === name) && (!query.namespace || pod.metadata.namespace === query.namespace);
}

function missing<T>(request: string): ApiAnswer<T> {
  return { ok: false, status: null, reason: 'the capture does not hold it', request, at };
}
