import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Root of the work tree. */
export const projectRoot = resolve(import.meta.dirname, '../..');

/** Where built programs are kept, outside the work tree. */
export const cacheRoot = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'calico-chatops');

/** Has a folder for each lab that is up. */
export const labsFolder = '/run/calico-chatops-lab';

/** Everything that a lab of this name keeps on disk; all under one tmpfs that `down` unmounts. */
export type LabPaths = ReturnType<typeof labPaths>;

export function labPaths(name: string) {
  const root = `${labsFolder}/${name}`;
  return {
    root,
    topology: `${root}/topology.json`,
    faults: `${root}/faults.json`,
    pki: `${root}/pki`,
    processes: `${root}/processes`,
    stopped: `${root}/stopped`,
    pids: `${root}/pids`,
    logs: `${root}/logs`,
    /** Written by `up` once the objects are there: BIRD and the controllers may begin. */
    clusterReady: `${root}/cluster-ready`,
    /** Written by the supervisor once all that it plays is as the objects say. */
    settled: `${root}/settled`,
    supervisorPid: `${root}/supervisor.pid`,
    apiSocket: `${root}/api.sock`,
    etcd: (which: string) => `${root}/etcd-${which}`,
    adminKubeconfig: `${root}/admin.kubeconfig`,
    adminCalicoctl: `${root}/calicoctl.cfg`,
    node: (node: string) => `${root}/nodes/${node}`,
    /** Process on the machine that shows the workspace page on its loopback. */
    pageForwarderPid: `${root}/page-forwarder.pid`,
    operations: `${root}/operations`,
    /** Name of one of the lab's network namespaces on the machine. */
    namespace: (part: string) => `${name}-${part}`,
    /** The file of one of the lab's network namespaces, for nsenter --net. */
    namespaceFile: (part: string) => `/run/netns/${name}-${part}`,
  };
}

/** Namespace part of a pod's network namespace. */
export function podPart(namespace: string, pod: string): string {
  return `pod-${namespace}.${pod}`;
}
