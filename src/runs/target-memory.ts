/**
 * Where pods and nodes were when the API server last told, kept in the store: for the night when it does not answer.
 */
import type { ClusterAccess } from '../model/cluster-access.ts';
import type { KubernetesNode, Pod } from '../model/kubernetes.ts';
import { redactJson } from '../model/redact.ts';
import type { RememberedTarget, TargetMemory } from '../model/ports.ts';
import type { RunStore } from '../model/runs.ts';

/** A pod may have moved since: what is older than this says too little. */
const keptSeconds = 86_400;
/** In what form it is kept; what another version kept is not read. */
const form = 2;

type KeptPods = Pick<RememberedTarget, 'at' | 'pod' | 'sources'> & { readonly form: number };
interface KeptNodes {
  readonly form: number;
  readonly nodes: readonly KubernetesNode[];
}
export interface TargetMemoryDeps {
  readonly store: Pick<RunStore, 'remember' | 'recall'>;
  readonly warn: (what: string, error: unknown) => void;
}

/**
 * The memory of one cluster. It never rejects: a store that cannot be reached remembers nothing, and the run goes on.
 * The nodes are kept once for all targets, as a cluster may have thousands.
 */
export function createTargetMemory(
  { store, warn }: TargetMemoryDeps,
  cluster: string,
  server: ClusterAccess['server'] = async () => null,
): TargetMemory {
  const keysOf = async (namespace: string, pod: string) => {
    // A command line may name another cluster by a kubeconfig or a context, under the same name.
    const address = await server();
    const place = address === null ? cluster : `${cluster}@${encodeURIComponent(address)}`;
    return { key: `target/${place}/${namespace}/${pod}`, nodesKey: `nodes/${place}` };
  };
  return {
    async recall(namespace, pod) {
      try {
        const { key, nodesKey } = await keysOf(namespace, pod);
        const [target, nodes] = await Promise.all([store.recall(key), store.recall(nodesKey)]);
        if (target === null || nodes === null) return null;
        const kept: KeptPods = JSON.parse(target);
        const around: KeptNodes = JSON.parse(nodes);
        return kept.form === form && around.form === form
          ? { at: kept.at, pod: kept.pod, sources: kept.sources, nodes: around.nodes }
          : null;
      } catch (error) {
        warn('what an earlier run saw of the pod cannot be read', error);
        return null;
      }
    },
    async remember({ at, pod, sources, nodes }) {
      const kept: KeptPods = { form, at, pod: placed(pod), sources: sources.map(placed) };
      const around: KeptNodes = { form, nodes: nodes.map(placeOf) };
      const { namespace = 'default', name } = pod.metadata;
      try {
        const { key, nodesKey } = await keysOf(namespace, name);
        await Promise.all([
          store.remember(key, JSON.stringify(redactJson(kept)), keptSeconds),
          store.remember(nodesKey, JSON.stringify(around), keptSeconds),
        ]);
      } catch (error) {
        warn('where the pod is cannot be remembered', error);
      }
    },
  };
}

/** Only what a run reads without an API server: neither annotations nor environments. */
function placed({ apiVersion, kind, metadata, spec, status }: Pod): Pod {
  const { name, namespace, uid, labels, ownerReferences, deletionTimestamp } = metadata;
  const { nodeName, hostNetwork, serviceAccountName, containers } = spec;
  return {
    apiVersion,
    kind,
    status,
    metadata: { name, namespace, uid, labels, ownerReferences, deletionTimestamp },
    spec: {
      nodeName,
      hostNetwork,
      serviceAccountName,
      containers: containers.map(({ name: container, image, ports }) => ({ name: container, image, ports })),
    },
  };
}

function placeOf({ metadata: { name, labels }, status }: KubernetesNode): KubernetesNode {
  return { metadata: { name, labels }, status: { addresses: status?.addresses } };
}
