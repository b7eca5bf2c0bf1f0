import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { kubeObjectSchema, type Administrator, type KubeObject } from '../control-plane/api.ts';
import { calicoPath } from '../objects/calico-crds.ts';
import { administratorCalicoctl } from '../objects/calico-datastore.ts';
import { labPaths } from '../paths.ts';
import { run } from '../run.ts';
import type { Topology } from '../topology.ts';
import type { Step } from './steps.ts';

type CalicoObject = Extract<Step, { do: 'remove-calico' | 'restore-calico' }>;
type CalicoPatch = Extract<Step, { do: 'patch-calico' }>;

const calicoctl = (topology: Topology, ...argv: string[]) =>
  run(administratorCalicoctl(labPaths(topology.name), topology, argv));

/** An object as one would write it again: without what the API server or the datastore adds. */
export function asWritten(object: KubeObject): KubeObject {
  const { uid, resourceVersion, creationTimestamp, managedFields, generation, ...metadata } = object.metadata;
  void [uid, resourceVersion, creationTimestamp, managedFields, generation];
  return { ...object, metadata };
}

/** Deletes an object from etcd, and resolves to what it was. */
export async function removeCalico(topology: Topology, { kind, name }: CalicoObject): Promise<KubeObject> {
  const found = await calicoctl(topology, 'get', kind, name, '-o', 'json');
  await calicoctl(topology, 'delete', kind, name);
  return asWritten(kubeObjectSchema.parse(JSON.parse(found)));
}

/** Writes an object into etcd again. The controller may have made it in the meantime: then that one stays. */
export async function restoreCalico(topology: Topology, object: unknown): Promise<void> {
  const file = `${labPaths(topology.name).root}/restore-${randomUUID()}.json`;
  await writeFile(file, JSON.stringify(object));
  await calicoctl(topology, 'create', '--skip-exists', '-f', file);
  await rm(file);
}

/**
 * Patches an object where the lab keeps it: a node's address is an annotation in the API server.
 * @throws Error for an endpoint in a lab without etcd, whose endpoints are the pods themselves
 */
export async function patchCalico(topology: Topology, api: Administrator, step: CalicoPatch): Promise<void> {
  const { kind, name, patch } = step;
  if (topology.datastore === 'etcd') {
    await calicoctl(topology, 'patch', kind, name, '-p', JSON.stringify(patch));
  } else if (kind === 'node') {
    const annotations = { 'projectcalico.org/IPv4Address': patch.spec.bgp.ipv4Address };
    await api.patch(`/api/v1/nodes/${name}`, { metadata: { annotations } });
  } else if (kind === 'ippool') {
    await api.patch(`${calicoPath('IPPool')}/${name}`, patch);
  } else {
    throw new Error(`a lab of --datastore ${topology.datastore} has no ${kind}`);
  }
}
