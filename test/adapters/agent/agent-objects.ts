/** The agent's objects as the API server has them. */
import type { KubernetesObject, Pod } from '../../../src/model/kubernetes.ts';

export const daemonSet: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'calico-chatops-agent', namespace: 'calico-chatops-agent', uid: 'uid-of-the-set' },
};

interface PodChange {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

/** The agent's pod on node-a, changed. */
export function agentPod({ metadata, spec, status }: PodChange = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'calico-chatops-agent-x1',
      namespace: 'calico-chatops-agent',
      labels: { 'app.kubernetes.io/name': 'calico-chatops-agent' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'calico-chatops-agent', uid: 'uid-of-the-set', controller: true }],
      ...metadata,
    },
    spec: {
      nodeName: 'node-a',
      serviceAccountName: 'calico-chatops-agent',
      containers: [{ name: 'agent' }],
      ...spec,
    },
    status: {
      phase: 'Running',
      containerStatuses: [{ name: 'agent', ready: true, restartCount: 0, state: { running: {} } }],
      ...status,
    },
  };
}
