import { podNamed, type Topology } from '../topology.ts';
import { flow } from './flows.ts';
import type { Step } from './steps.ts';

const pods = '/api/v1/namespaces/default/pods';
export const statusedPod = `${pods}/newpod`;

interface Statused {
  /** null: it is on no node. */
  readonly node: string | null;
  /** As its kubelet, or the scheduler, reports it. */
  readonly status: Readonly<Record<string, unknown>>;
  /** They keep the object when it is deleted. */
  readonly finalizers?: readonly string[];
}

/** Adds default/newpod as an object alone, with the status of a pod that does not run. */
export function addPodWithStatus({ node, status, finalizers = [] }: Statused): readonly Step[] {
  const metadata = { name: 'newpod', namespace: 'default', labels: { app: 'new' }, finalizers };
  const spec = {
    ...(node === null ? {} : { nodeName: node }),
    containers: [{ name: 'main', image: 'lab/server:1' }],
  };
  return [
    { do: 'create-object', collection: pods, object: { apiVersion: 'v1', kind: 'Pod', metadata, spec } },
    { do: 'patch-object', path: `${statusedPod}/status`, patch: { status } },
  ];
}

/** Takes it away again. */
export const removePodWithStatus: readonly Step[] = [{ do: 'await-removal', path: statusedPod }];

/** It changes nothing that the packets of other pods meet. */
export const besideOthers = { takes: ['default/newpod'], endsAt: null };

/** What must hold while default/newpod does not run for the one cause: nothing of the other pods changes. */
export const onlyNewPodFails = (root: string) => ({
  asks: ['default/newpod'],
  verdict: 'fault' as const,
  roots: [root],
  consequences: ['pod-not-running', 'pod-without-address'],
  answers: [flow('default/client', 'default/mypod')],
  silent: [],
  others: [
    { asks: ['default/mypod'], verdict: 'healthy' as const },
    {
      asks: ['default/mypod', '--from', 'pod:default/newpod'],
      verdict: 'fault' as const,
      roots: [root],
      consequences: ['pod-not-running', 'pod-without-address'],
    },
  ],
});

/** The status of a container that does not run, as a kubelet reports it: `main`, with no reason yet. */
export function stoppedContainer(change: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { name: 'main', image: 'lab/server:1', imageID: '', ready: false, restartCount: 0, ...change };
}

/** What a fault has that keeps a new pod of node-a from running, for the one cause `root`. */
export const newPodDoesNotRun = (root: string, status: Statused['status']) => ({
  expects: onlyNewPodFails(root),
  beside: besideOthers,
  break: (topology: Topology) => addPodWithStatus({ node: podNamed(topology, 'default/mypod').node, status }),
  heal: () => removePodWithStatus,
});
