import type { LabPaths } from './paths.ts';
import { podPart } from './paths.ts';
import { attempt, until } from './run.ts';
import type { LabPod, Topology } from './topology.ts';

/** Does a pod answer a ping from another pod's namespace? */
export async function answers(paths: LabPaths, from: LabPod, to: LabPod): Promise<boolean> {
  const ping = await attempt(['nsenter', `--net=${paths.namespaceFile(podPart(from.namespace, from.name))}`, 'ping', '-c1', '-W1', '-q', to.ip]);
  return ping.status === 0;
}

/**
 * Waits until Felix, the controllers and the tunnels do their work: every pod answers a pod of
 * another node.
 */
export async function waitForPods(paths: LabPaths, topology: Topology): Promise<void> {
  await Promise.all(topology.pods.map(async (to) => {
    const from = topology.pods.find((one) => one.node !== to.node);
    if (!from) return;
    await until(`${to.namespace}/${to.name} to answer ${from.namespace}/${from.name}`, 60, async () => ((await answers(paths, from, to)) ? true : null));
  }));
}
