import { addressesOf } from './dual-stack.ts';
import { insideNode } from './nodes/machine.ts';
import { type LabPaths, podPart } from './paths.ts';
import { attempt, until } from './run.ts';
import { routeRows } from './supervisor/bird.ts';
import { savedRules } from './saved-rules.ts';
import type { LabNode, Topology } from './topology.ts';

/** Does an address answer one ping from a pod (`namespace/name`) within a second? */
export async function answersPing(paths: LabPaths, from: string, address: string): Promise<boolean> {
  const [namespace = '', pod = ''] = from.split('/');
  const ping = await attempt([
    'nsenter',
    `--net=${paths.namespaceFile(podPart(namespace, pod))}`,
    'ping',
    '-c1',
    '-W1',
    '-q',
    address,
  ]);
  return ping.status === 0;
}

/**
 * Felix leads to every pod of its node, and no chain stands in for a profile that the controllers have not made yet.
 */
async function isProgrammed(paths: LabPaths, topology: Topology, node: LabNode): Promise<boolean> {
  const { stdout } = await attempt(insideNode(paths, node.name, ['sh', '-c', savedRules(topology.dataplane)]));
  const pods = topology.pods.filter((pod) => pod.node === node.name);
  return (
    pods.every((pod) => stdout.includes(`-g cali-tw-${pod.interface}`)) && !/^-A cali-pr[io]-.*-j DROP$/m.test(stdout)
  );
}

/** BIRD or Felix leads to the block of every other node. */
async function leadsToOthers(paths: LabPaths, topology: Topology, node: LabNode): Promise<boolean> {
  const { stdout } = await attempt(insideNode(paths, node.name, ['ip', '-j', 'route']));
  const routes = routeRows.parse(JSON.parse(stdout));
  return topology.nodes.every(({ name, block }) => name === node.name || routes.some(({ dst }) => dst === block));
}

/**
 * Waits until Felix, the controllers and the tunnels do their work: every node is programmed
 * and leads to every other one, and every pod answers a pod of another node.
 * @throws Error that names who is late.
 */
export async function waitForPods(paths: LabPaths, topology: Topology): Promise<void> {
  await Promise.all(
    topology.nodes.map((node) =>
      until(`Felix of ${node.name}`, 60, async () => ((await isProgrammed(paths, topology, node)) ? true : null)),
    ),
  );
  await Promise.all(
    topology.nodes.map((node) =>
      until(`the routes of ${node.name}`, 60, async () => ((await leadsToOthers(paths, topology, node)) ? true : null)),
    ),
  );
  await Promise.all(
    topology.pods.map(async (to) => {
      const other = topology.pods.find((one) => one.node !== to.node);
      if (!other) return;
      const from = `${other.namespace}/${other.name}`;
      for (const address of addressesOf(topology, to))
        await until(`${to.namespace}/${to.name} to answer ${from} at ${address}`, 60, async () =>
          (await answersPing(paths, from, address)) ? true : null,
        );
    }),
  );
}
