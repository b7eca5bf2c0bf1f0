import { observed } from '../model/evidence.ts';
import type { Controller } from '../model/facts.ts';
import type { Deployment, Pod } from '../model/kubernetes.ts';
import { defineClusterProbe } from '../model/probe.ts';
import { evidenceOfAnswer, unavailableAnswer } from './evidence.ts';

/** Today's controller and the one of 2017; labels as their manifests set them. */
const labelSelector = 'k8s-app in (calico-kube-controllers, calico-policy)';

export const controller = defineClusterProbe({
  id: 'controller',
  description: "Calico's controller: its Deployment, pods, account and enabled controllers.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: {},
  needs: [],
  provides: ['controller'],
  async read(look) {
    const [deployments, pods] = await Promise.all([
      look.cluster.list<Deployment>({ apiVersion: 'apps/v1', kind: 'Deployment', labelSelector, limit: 5 }),
      look.cluster.list<Pod>({ apiVersion: 'v1', kind: 'Pod', labelSelector, limit: 10 }),
    ]);
    if (!pods.ok) return { controller: unavailableAnswer(pods) };
    // Without a pod only its deployment says whether there should be one.
    if (!deployments.ok && !pods.value.some((pod) => pod.status?.phase === 'Running')) return { controller: unavailableAnswer(deployments) };
    const deployment = deployments.ok ? (deployments.value[0] ?? null) : null;
    const running = pods.value.find((pod) => pod.status?.phase === 'Running' && !pod.metadata.deletionTimestamp) ?? pods.value[0];
    const namespace = running?.metadata.namespace ?? deployment?.metadata.namespace ?? 'kube-system';
    const account = running?.spec.serviceAccountName ?? deployment?.spec.template.spec.serviceAccountName ?? null;
    const env = (running?.spec.containers ?? deployment?.spec.template.spec.containers ?? []).flatMap((container) => container.env ?? []);
    const enabled = env.find(({ name }) => name === 'ENABLED_CONTROLLERS')?.value;
    const value: Controller = {
      name: deployment?.metadata.name ?? running?.metadata.labels?.['k8s-app'] ?? 'calico-kube-controllers',
      namespace,
      deployment,
      pods: pods.value,
      account: account === null ? null : { namespace, name: account },
      enabledControllers: enabled ? enabled.split(',').map((name) => name.trim()) : null,
    };
    const shownPods = pods.value.map((pod) => `${pod.metadata.name} ${pod.status?.phase ?? '?'} on ${pod.spec.nodeName ?? 'no node'}, account ${pod.spec.serviceAccountName ?? 'default'}`);
    const shownDeployment = !deployments.ok ? deployments.reason : deployment ? `deployment ${deployment.metadata.name}: replicas ${deployment.spec.replicas ?? 1}, ready ${deployment.status?.readyReplicas ?? 0}` : 'no deployment';
    return { controller: observed(value, [evidenceOfAnswer(pods, shownPods.join('\n') || 'no pod'), evidenceOfAnswer(deployments, shownDeployment)]) };
  },
});
