import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { controllersProcess, felixProcess, startControllers, startFelix } from '../nodes/daemons.ts';
import { startTypha, typhaProcess } from '../nodes/daemons.ts';
import { kubeconfig } from '../nodes/machine.ts';
import { endPod } from '../nodes/pods.ts';
import { administratorCalicoctl, endpointName } from '../objects/calico-datastore.ts';
import { runningStatus } from '../objects/cluster.ts';
import { typhaService } from '../objects/typha.ts';
import type { LabPaths } from '../paths.ts';
import { isStopped, processPid, removeProcess } from '../processes.ts';
import { attempt } from '../run.ts';
import { readTopology, writeTopology } from '../state.ts';
import { countedWrites } from './counted-writes.ts';
import { isTyphaInSync, sayTyphaEndpoints } from './typha.ts';
import { calicoNamespace, controllersName, type LabNode, type LabPod, type Topology } from '../topology.ts';

const templateSchema = z.looseObject({
  metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }),
  spec: z.looseObject({
    serviceAccountName: z.string().default('default'),
    containers: z.array(
      z.looseObject({
        name: z.string(),
        image: z.string(),
        env: z.array(z.looseObject({ name: z.string(), value: z.string().optional() })).default([]),
      }),
    ),
  }),
});
type Template = z.infer<typeof templateSchema>;

const conditionsSchema = z.array(z.looseObject({ type: z.string(), status: z.string() })).default([]);

const environment = (template: Template): Record<string, string> =>
  Object.fromEntries(
    (template.spec.containers[0]?.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
  );

/** Where the controllers run: the third node, away from the flows that most faults are about. */
export const controllersNode = (topology: Topology): LabNode => {
  const node = topology.nodes[2] ?? topology.nodes[0];
  if (!node) throw new Error('a lab without nodes');
  return node;
};

/** Plays kubelet and controller-manager for Calico's own pods, and removes pods that are being deleted. */
export function workloads(paths: LabPaths, administrator: Administrator) {
  const { api, count: writes } = countedWrites(administrator);
  const namespace = calicoNamespace(readTopology(paths));
  const core = `/api/v1/namespaces/${namespace}`;
  const apps = `/apis/apps/v1/namespaces/${namespace}`;
  async function createPod(owner: KubeObject, kind: string, template: Template, node: LabNode): Promise<string> {
    const name = `${owner.metadata.name}-${randomBytes(3).toString('hex').slice(0, 5)}`;
    await api.create(`${core}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: template.metadata.labels,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind,
            name: owner.metadata.name,
            uid: owner.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { ...template.spec, nodeName: node.name },
    });
    return name;
  }

  const sayRunning = (pod: string, template: Template, node: LabNode, isReady = true) =>
    api.patch(`${core}/pods/${pod}/status`, {
      status: runningStatus(node.address, [node.address], template.spec.containers, isReady),
    });

  async function calicoNodes(topology: Topology, pods: KubeObject[]): Promise<void> {
    const set = await api.find(`${apps}/daemonsets/calico-node`);
    if (set === null) return;
    const template = templateSchema.parse(set.spec?.['template']);
    for (const node of topology.nodes) {
      const pod = pods.find(
        (one) => one.metadata.labels?.['k8s-app'] === 'calico-node' && one.spec?.['nodeName'] === node.name,
      );
      if (pod === undefined) {
        const name = await createPod(set, 'DaemonSet', template, node);
        const felix = Object.fromEntries(
          Object.entries(environment(template)).filter(([variable]) => variable.startsWith('FELIX_')),
        );
        if (topology.datastore === 'kubernetes') await writeAccount(template, node, 'calico-node');
        await startFelix(paths, topology, node.name, name, felix);
        await sayRunning(name, template, node);
      } else {
        await followProgram(pod, template, node, isUp(felixProcess(node.name)));
      }
    }
  }

  /** The token of a pod's account, where its program looks for it. */
  async function writeAccount({ spec: { serviceAccountName } }: Template, node: LabNode, file: string): Promise<void> {
    const secret = await api.token(namespace, serviceAccountName);
    await writeFile(
      `${paths.node(node.name)}/etc/kubernetes/${file}.kubeconfig`,
      kubeconfig(readFileSync(`${paths.pki}/ca.crt`), serviceAccountName, secret),
      { mode: 0o600 },
    );
  }

  const isUp = (program: string) => processPid(paths, program) !== null && !isStopped(paths, program);

  /** A kubelet's readiness probe asks the program: a pod whose program is kept down is not ready. */
  async function followProgram(pod: KubeObject, template: Template, node: LabNode, isReady: boolean): Promise<void> {
    const conditions = conditionsSchema.parse(pod.status?.['conditions']);
    const saidReady = conditions.some((one) => one.type === 'Ready' && one.status === 'True');
    if (saidReady !== isReady) await sayRunning(pod.metadata.name, template, node, isReady);
  }

  /** The one pod of a Deployment, or none, as it asks for. `start` starts what is in it, under the name `program`. */
  async function onePod(
    pods: KubeObject[],
    name: string,
    node: LabNode,
    program: string,
    start: (pod: string, template: Template) => Promise<void>,
  ): Promise<void> {
    const deployment = await api.find(`${apps}/deployments/${name}`);
    const wanted = Number(deployment?.spec?.['replicas'] ?? 0);
    const pod = pods.find((one) => one.metadata.labels?.['k8s-app'] === name);
    if (deployment !== null && wanted > 0 && pod === undefined) {
      const template = templateSchema.parse(deployment.spec?.['template']);
      const replicaSet = await ensureReplicaSet(deployment, template);
      const made = await createPod(replicaSet, 'ReplicaSet', template, node);
      await start(made, template);
      await sayRunning(made, template, node);
      await sayReplicas(name, 1);
    } else if (wanted === 0 && pod !== undefined) {
      await removeProcess(paths, program);
      await api.remove(`${core}/pods/${pod.metadata.name}`);
      await sayReplicas(name, 0);
    }
  }

  const controllers = (topology: Topology, pods: KubeObject[]) => {
    const node = controllersNode(topology);
    return onePod(pods, controllersName(topology), node, controllersProcess, async (pod, template) => {
      await writeAccount(template, node, 'kube-controllers');
      await startControllers(paths, topology, node.name, pod, environment(template));
    });
  };

  async function typha(topology: Topology, pods: KubeObject[]): Promise<void> {
    const node = controllersNode(topology);
    await onePod(pods, typhaService, node, typhaProcess, async (pod, template) => {
      await writeAccount(template, node, 'calico-typha');
      await startTypha(paths, topology, node.name, pod);
    });
    const pod = pods.find((one) => one.metadata.labels?.['k8s-app'] === typhaService);
    const isReady = isUp(typhaProcess) && (await isTyphaInSync(paths, node));
    if (pod)
      await followProgram(pod, templateSchema.parse({ metadata: { labels: {} }, spec: pod.spec }), node, isReady);
    await sayTyphaEndpoints(paths, api, topology, node, isReady);
  }

  const sayReplicas = (deployment: string, count: number) =>
    api.patch(`${apps}/deployments/${deployment}/status`, {
      status: {
        replicas: count,
        readyReplicas: count,
        availableReplicas: count,
        updatedReplicas: count,
        unavailableReplicas: 0,
      },
    });

  const ensureReplicaSet = (deployment: KubeObject, template: Template) =>
    api.ensure(`${apps}/replicasets`, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${deployment.metadata.name}-7d9c5b6f8`,
        namespace,
        labels: template.metadata.labels,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'Deployment',
            name: deployment.metadata.name,
            uid: deployment.metadata.uid,
            controller: true,
            blockOwnerDeletion: true,
          },
        ],
      },
      spec: { replicas: 1, selector: { matchLabels: template.metadata.labels }, template },
    });

  /** Pods being deleted go when their grace is over; Calico's own, which end at once, go at once. */
  async function removeDeleted(topology: Topology, pods: KubeObject[]): Promise<void> {
    for (const pod of pods) {
      const until = pod.metadata.deletionTimestamp;
      if (until === undefined) continue;
      const app = pod.metadata.labels?.['k8s-app'] ?? '';
      const isCalico = pod.metadata.namespace === namespace && app.startsWith('calico-');
      if (!isCalico && Date.parse(until) > Date.now()) continue;
      if (isCalico && app === controllersName(topology)) await removeProcess(paths, controllersProcess);
      if (isCalico && app === typhaService) await removeProcess(paths, typhaProcess);
      const lab = topology.pods.find(
        (one) => one.namespace === pod.metadata.namespace && one.name === pod.metadata.name,
      );
      if (lab) await unplug(topology, lab);
      await api.remove(`/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`);
    }
  }

  /** What CNI's DEL does. */
  async function unplug(topology: Topology, pod: LabPod): Promise<void> {
    await endPod(paths, pod);
    if (topology.datastore === 'etcd')
      await attempt(
        administratorCalicoctl(paths, topology, [
          'delete',
          'workloadendpoint',
          endpointName(pod),
          `--namespace=${pod.namespace}`,
          '--skip-not-exists',
        ]),
      );
    const rest = topology.pods.filter((one) => one !== pod);
    writeTopology(paths, { ...topology, pods: rest });
  }

  async function defaultAccounts(): Promise<void> {
    const [namespaces, accounts] = await Promise.all([
      api.list('/api/v1/namespaces'),
      api.list('/api/v1/serviceaccounts'),
    ]);
    const have = new Set(
      accounts.filter((one) => one.metadata.name === 'default').map((one) => one.metadata.namespace),
    );
    for (const { metadata, status } of namespaces) {
      if (have.has(metadata.name) || status?.['phase'] === 'Terminating') continue;
      await api.ensure(`/api/v1/namespaces/${metadata.name}/serviceaccounts`, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'default', namespace: metadata.name },
      });
    }
  }

  let rounds = 0;

  return {
    /**
     * Brings the cluster one step nearer to what its objects say.
     * @returns whether all was so already
     */
    async reconcile(): Promise<boolean> {
      const before = writes();
      const topology = readTopology(paths);
      const pods = await api.list('/api/v1/pods');
      await removeDeleted(topology, pods);
      const left = pods.filter(
        (pod) => pod.metadata.deletionTimestamp === undefined && pod.metadata.namespace === namespace,
      );
      if (topology.typha) await typha(topology, left);
      await calicoNodes(topology, left);
      await controllers(topology, left);
      // Once the lab is up, nobody waits for these.
      if (!existsSync(paths.settled) || rounds % 4 === 0) await defaultAccounts();
      rounds += 1;
      return writes() === before;
    },
  };
}
