import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { z } from 'zod';
import type { Administrator, KubeObject } from '../control-plane/api.ts';
import { runningStatus } from '../objects/cluster.ts';
import { ensureManifest, manifestsOf } from '../operations/manifests.ts';
import type { LabPaths } from '../paths.ts';
import { describeProcess } from '../processes.ts';
import type { LabNode, Topology } from '../topology.ts';
import { imageEntryPoint, inContainer, layImage, withCapabilities } from './agent-image.ts';
import { insideNode } from './machine.ts';

/** Where containers describe themselves on their node, for the kubelet's stand-in. */
export const containersFolder = '/run/containers';

const container = 'agent';
/** As the node sees them. */
const [image, root] = ['/var/lib/agent-image', '/var/lib/agent-root'];

/** Says which process it is, then becomes the container. */
const describeAndRun = `set -e
mkdir -p "$1"
printf '{"process":%d,"wrapper":%s}' $$ "$2" >"$1/$3.json"
shift 3
exec "$@"
`;

async function startContainer(paths: LabPaths, node: LabNode, namespace: string, pod: string): Promise<void> {
  const onMachine = `${paths.node(node.name)}/var-lib`;
  layImage(`${onMachine}/agent-image`);
  mkdirSync(`${onMachine}/agent-root`, { recursive: true });
  const process = `agent-${node.name}`;
  await describeProcess(paths, process, {
    argv: insideNode(paths, node.name, [
      'sh',
      '-c',
      describeAndRun,
      'sh',
      `${containersFolder}/${namespace}/${pod}`,
      JSON.stringify(withCapabilities([])),
      container,
      ...inContainer(image, root, imageEntryPoint()),
    ]),
    env: {},
    log: `${paths.logs}/${process}.log`,
    earlierLog: null,
    restart: true,
  });
}

/** Installs deploy/node-agent as an operator would, and plays its controller, scheduler and container runtime. */
export async function installAgent(paths: LabPaths, api: Administrator, topology: Topology): Promise<void> {
  const made: KubeObject[] = [];
  for (const object of manifestsOf(['node-agent'])) made.push(await ensureManifest(api, object));
  const set = made.find(({ kind }) => kind === 'DaemonSet');
  if (set === undefined) throw new Error('deploy/node-agent has no DaemonSet');
  await Promise.all(topology.nodes.map((node) => runOn(paths, api, set, node)));
}

const templateSchema = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });

async function runOn(paths: LabPaths, api: Administrator, set: KubeObject, node: LabNode): Promise<void> {
  const { name, namespace = '', uid } = set.metadata;
  const { metadata, spec } = templateSchema.parse(set.spec?.['template']);
  const pod = `${name}-${randomBytes(3).toString('hex').slice(0, 5)}`;
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name, uid, controller: true, blockOwnerDeletion: true };
  await api.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, name: pod, namespace, ownerReferences: [owner] },
    spec: { ...spec, nodeName: node.name },
  });
  await startContainer(paths, node, namespace, pod);
  const containers = [{ name: container, image: 'calico-chatops-agent' }];
  await api.patch(`${pods}/${pod}/status`, { status: runningStatus(node.address, [node.address], containers) });
}
