import { randomUUID } from 'node:crypto';
import { podPart, type LabPaths } from '../paths.ts';
import { describeProcess, removeProcess } from '../processes.ts';
import { attempt, run } from '../run.ts';
import { wirePod } from '../network.ts';
import type { LabPod } from '../topology.ts';
import { insideNode, nodePid } from './machine.ts';

const podProcess = (pod: LabPod) => podPart(pod.namespace, pod.name);

/** Wires a pod, lets its node see the namespace as containerd would, and starts what it serves. */
export async function startPod(paths: LabPaths, pod: LabPod): Promise<void> {
  await wirePod(paths, pod);
  const pid = nodePid(paths, pod.node);
  if (pid === null) throw new Error(`${pod.node} is not running`);
  const seen = `/run/netns/cni-${randomUUID()}`;
  // Entered with the pod's network and the node's mounts and pids, /proc/self is the pod's namespace as the node sees
  // it.
  await run([
    'nsenter',
    '-t',
    String(pid),
    '-m',
    '-p',
    `--net=${paths.namespaceFile(podPart(pod.namespace, pod.name))}`,
    '--',
    'sh',
    '-c',
    `touch ${seen} && mount --bind /proc/self/ns/net ${seen}`,
  ]);
  if (pod.ports.length === 0) return;
  await describeProcess(paths, podProcess(pod), {
    argv: [
      'nsenter',
      '-t',
      String(pid),
      '-p',
      `--net=${paths.namespaceFile(podPart(pod.namespace, pod.name))}`,
      '--',
      process.execPath,
      `${import.meta.dirname}/pod-server.ts`,
      pod.name,
      ...pod.ports.map((port) => `${port.speaks}:${port.port}`),
    ],
    env: {},
    log: `${paths.node(pod.node)}/var-log/pods/${pod.namespace}/${pod.name}/main.log`,
    earlierLog: null,
    restart: true,
  });
}

/** Ends a pod: its programs, its name on the node, its namespace and with it the veth and the route. */
export async function endPod(paths: LabPaths, pod: LabPod): Promise<void> {
  await removeProcess(paths, podProcess(pod));
  const part = podPart(pod.namespace, pod.name);
  // The node's own name for the namespace: the one of the same namespace, also where the veth is gone.
  const { stdout: inode } = await attempt(['stat', '-Lc', '%i', paths.namespaceFile(part)]);
  await attempt(
    insideNode(paths, pod.node, [
      'sh',
      '-c',
      'for name in /run/netns/cni-*; do ' +
        '[ "$(stat -Lc %i "$name")" != "$1" ] || { umount "$name" && rm "$name"; }; done',
      'sh',
      inode.trim(),
    ]),
  );
  await attempt(['ip', '-n', paths.namespace(pod.node), 'link', 'delete', pod.interface]);
  await attempt(['ip', 'netns', 'delete', paths.namespace(part)]);
}
