import { rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { administrator, kubeObjectSchema, type Administrator } from '../control-plane/api.ts';
import { insideNode } from '../nodes/machine.ts';
import { startPod } from '../nodes/pods.ts';
import { applyCalico, workloadEndpoint } from '../objects/calico-datastore.ts';
import { ensurePod } from '../objects/cluster.ts';
import { UsageError } from '../options.ts';
import { labPaths, podPart, type LabPaths } from '../paths.ts';
import { describeProcess, readProcess, signalProcess, startProcess, stopProcess } from '../processes.ts';
import { run, until, untilRuns } from '../run.ts';
import { brokenFaults, writeBrokenFaults, writeTopology, type BrokenFault } from '../state.ts';
import { heldDown } from '../supervisor/bird.ts';
import { calicoNamespace, podNamed, type LabPod, type Topology } from '../topology.ts';
import { asWritten, patchCalico, removeCalico, restoreCalico } from './calico-objects.ts';
import type { Fault } from './fault.ts';
import { known, partsOf } from './known.ts';
import { readParameters } from './parameters.ts';
import type { Step } from './steps.ts';
import { setVariable } from './workload-variables.ts';

const rulesSchema = z.array(z.looseObject({ resources: z.array(z.string()).optional() }));
const endpointsSchema = z
  .array(z.looseObject({ conditions: z.looseObject({ ready: z.boolean() }) }))
  .nullish()
  .transform((all) => all ?? []);
const environmentSchema = z.record(z.string(), z.string());

/** What a step may use. `saved` is written to disk with the fault, for the heal of another process. */
type Scene = { paths: LabPaths; topology: Topology; api: Administrator; saved: Record<string, unknown> };

function place({ paths, topology }: Scene, on: string, command: string[]): string[] {
  const part = on === 'underlay' ? on : on.includes('/') ? partOf(podNamed(topology, on)) : null;
  return part === null
    ? insideNode(paths, on, command)
    : ['nsenter', `--net=${paths.namespaceFile(part)}`, '--', ...command];
}

const partOf = ({ namespace, name }: LabPod) => podPart(namespace, name);

async function restart(paths: LabPaths, name: string): Promise<void> {
  await stopProcess(paths, name);
  await startProcess(paths, name);
}

function topologyWith(scene: Scene, pods: LabPod[]): void {
  scene.topology = { ...scene.topology, pods };
  writeTopology(scene.paths, scene.topology);
}

async function addPod(scene: Scene, pod: LabPod): Promise<void> {
  await startPod(scene.paths, pod);
  await ensurePod(scene.api, scene.topology, pod, null);
  if (scene.topology.datastore === 'etcd')
    await applyCalico(scene.paths, scene.topology, [workloadEndpoint(pod, scene.topology)]);
  topologyWith(scene, [...scene.topology.pods, pod]);
}

/** Deletes what has a grace, and waits until it is gone. */
async function removeAndWait(api: Administrator, path: string): Promise<void> {
  await api.remove(path, 1);
  await until(`${path} to go`, 20, async () => ((await api.find(path)) === null ? true : null));
}

async function removePod(scene: Scene, pod: LabPod): Promise<void> {
  const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}`;
  await removeAndWait(scene.api, path); // the supervisor unplugs it, as a kubelet would
  topologyWith(
    scene,
    scene.topology.pods.filter((one) => one.name !== pod.name || one.namespace !== pod.namespace),
  );
}

async function take(scene: Scene, step: Step): Promise<void> {
  const { paths, topology, api, saved } = scene;
  switch (step.do) {
    case 'run':
      await run(place(scene, step.on, step.command));
      return;
    case 'await':
      await untilRuns(step.what, step.seconds, place(scene, step.on, step.command));
      return;
    case 'create-object':
      await api.create(step.collection, step.object);
      return;
    case 'report': {
      const { kind, apiVersion, metadata } = await api.get(step.about);
      const { uid, name, namespace } = metadata;
      await api.create(step.collection, {
        ...step.event,
        apiVersion: 'v1',
        kind: 'Event',
        involvedObject: { kind, apiVersion, uid, name, namespace },
        lastTimestamp: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      });
      return;
    }
    case 'await-removal':
      await removeAndWait(api, step.path);
      return;
    case 'await-unready':
      await until(`${step.path} to have no ready endpoint`, 60, async () => {
        const endpoints = endpointsSchema.parse((await api.get(step.path))['endpoints']);
        return endpoints.every(({ conditions }) => !conditions.ready) ? true : null;
      });
      return;
    case 'remove-object':
      saved[step.path] = asWritten(await api.get(step.path));
      await api.remove(step.path);
      return;
    case 'restore-object':
      await api.ensure(step.path.slice(0, step.path.lastIndexOf('/')), kubeObjectSchema.parse(saved[step.path]));
      return;
    case 'withdraw-resource': {
      const rules = rulesSchema.parse((await api.get(step.path))['rules']);
      saved[`rules of ${step.path}`] = rules;
      const without = ({ resources = [], ...rest }: (typeof rules)[number]) => ({
        ...rest,
        resources: resources.filter((one) => one !== step.resource),
      });
      await api.patch(step.path, { rules: rules.map(without) });
      return;
    }
    case 'restore-rules':
      await api.patch(step.path, { rules: saved[`rules of ${step.path}`] });
      return;
    case 'clear-subjects':
      await api.patch(step.path, { subjects: null });
      return;
    case 'scale':
      await api.patch(`/apis/apps/v1/namespaces/${calicoNamespace(topology)}/deployments/${step.deployment}`, {
        spec: { replicas: step.replicas },
      });
      await until(`${step.deployment} at ${step.replicas}`, 20, async () => {
        const pods = await api.list(
          `/api/v1/namespaces/${calicoNamespace(topology)}/pods?labelSelector=k8s-app%3D${step.deployment}`,
        );
        return pods.length === step.replicas ? true : null;
      });
      return;
    case 'patch-object':
      await api.patch(step.path, step.patch);
      return;
    case 'set-variable':
      await setVariable(api, step, saved);
      return;
    case 'remove-calico':
      saved[`${step.kind}/${step.name}`] = await removeCalico(topology, step);
      return;
    case 'restore-calico':
      await restoreCalico(topology, saved[`${step.kind}/${step.name}`]);
      return;
    case 'patch-calico':
      await patchCalico(topology, api, step);
      return;
    case 'stop':
      await stopProcess(paths, step.process);
      return;
    case 'start':
      await startProcess(paths, step.process);
      return;
    case 'restart':
      await restart(paths, step.process);
      return;
    case 'pause':
    case 'resume':
      signalProcess(paths, step.process, step.do === 'pause' ? 'SIGSTOP' : 'SIGCONT');
      return;
    case 'set-environment': {
      const entry = readProcess(paths, step.process);
      saved[`environment of ${step.process}`] = entry.env;
      await describeProcess(paths, step.process, { ...entry, env: { ...entry.env, ...step.variables } });
      await restart(paths, step.process);
      return;
    }
    case 'reset-environment': {
      const entry = readProcess(paths, step.process);
      await describeProcess(paths, step.process, {
        ...entry,
        env: environmentSchema.parse(saved[`environment of ${step.process}`]),
      });
      await restart(paths, step.process);
      return;
    }
    case 'hold-tunnel':
      await writeFile(heldDown(paths, step.node), '');
      return;
    case 'release-tunnel':
      await rm(heldDown(paths, step.node), { force: true });
      return;
    case 'add-pod':
      await addPod(scene, step.pod);
      return;
    case 'remove-pod':
      await removePod(scene, step.pod);
  }
}

async function breakOne(
  topology: Topology,
  fault: Fault,
  partOf: string | null,
  parameters: Record<string, string>,
): Promise<void> {
  const paths = labPaths(topology.name);
  const before = brokenFaults(paths);
  const record: BrokenFault = { name: fault.name, partOf, parameters, isWhole: false, saved: {} };
  // Recorded before the first step, so that a break that failed half way can be healed.
  const write = () => writeBrokenFaults(paths, [...before, record]);
  write();
  const scene: Scene = { paths, topology, api: administrator(paths), saved: record.saved };
  try {
    for (const step of fault.break(topology, parameters)) {
      await take(scene, step);
      write();
    }
    record.isWhole = true;
    write();
  } finally {
    scene.api.close();
  }
}

/**
 * Breaks a fault, or the parts that it is made of.
 * @throws UsageError for an unknown fault or parameter, one of another kind of lab, and one that is broken already.
 */
export async function breakFault(topology: Topology, name: string, pairs: string[]): Promise<void> {
  const fault = known(name);
  const parameters = readParameters(fault, pairs);
  const wanted = partsOf(fault, topology);
  const broken = brokenFaults(labPaths(topology.name)).find((one) => wanted.some((other) => other.name === one.name));
  if (broken !== undefined) throw new UsageError(`${broken.name} is broken already`);
  for (const one of wanted) await breakOne(topology, one, one === fault ? null : name, parameters);
}

async function healOne(topology: Topology, record: BrokenFault): Promise<Topology> {
  const paths = labPaths(topology.name);
  const scene: Scene = { paths, topology, api: administrator(paths), saved: record.saved };
  try {
    for (const step of known(record.name).heal(topology, record.parameters)) {
      try {
        await take(scene, step);
      } catch (problem) {
        if (record.isWhole) throw problem;
        console.error(
          `${record.name} was broken only in part: ${problem instanceof Error ? problem.message : String(problem)}`,
        );
      }
    }
  } finally {
    scene.api.close();
  }
  writeBrokenFaults(
    paths,
    brokenFaults(paths).filter((one) => one.name !== record.name),
  );
  return scene.topology;
}

/**
 * Heals a fault, all parts of one, or everything, from the newest to the oldest.
 * @throws UsageError when it is not broken.
 */
export async function healFaults(topology: Topology, name: string | null): Promise<void> {
  if (name !== null) known(name);
  const chosen = brokenFaults(labPaths(topology.name))
    .filter((one) => name === null || one.name === name || one.partOf === name)
    .toReversed();
  if (name !== null && chosen.length === 0) throw new UsageError(`${name} is not broken`);
  let now = topology;
  for (const record of chosen) now = await healOne(now, record);
  if (brokenFaults(labPaths(topology.name)).length === 0) await calicoIsReady(topology);
}

/** The supervisor sets a pod of Calico Ready again some time after its program is. */
async function calicoIsReady(topology: Topology): Promise<void> {
  const api = administrator(labPaths(topology.name));
  try {
    await until("Calico's pods to be Ready", 60, async () => {
      // While the API server is down nobody can be told that they are.
      const pods = await api.list(`/api/v1/namespaces/${calicoNamespace(topology)}/pods`).catch(() => []);
      return pods.every(({ status }) =>
        JSON.stringify(status?.['conditions'] ?? []).includes('"type":"Ready","status":"True"'),
      )
        ? true
        : null;
    });
  } finally {
    api.close();
  }
}
