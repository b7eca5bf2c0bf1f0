import { insideNode } from '../nodes/machine.ts';
import { labPaths, podPart } from '../paths.ts';
import { attempt } from '../run.ts';
import { nodeNamed, podNamed, type Topology } from '../topology.ts';

/** Who calls whom: a pod as `namespace/name`, or a node by its name; `from` may be `outside` as well. */
export type Flow = {
  from: string;
  to: string;
  /** A TCP port that is to accept; null: one ping. */
  port: number | null;
};

/** A ping, or a connection to a TCP port. */
export const flow = (from: string, to: string, port: number | null = null): Flow => ({ from, to, port });

/** Where what node-b's pods send to node-a's is lost on the network between the nodes. */
export const lostBetweenNodes = {
  answers: [
    flow('node-a', 'default/mypod'),
    flow('shop/db', 'default/mypod'),
    flow('shop/api', 'default/client'),
    flow('node-b', 'node-a'),
  ],
  silent: [flow('default/client', 'default/mypod')],
};

/** As people read it. */
export const describeFlow = ({ from, to, port }: Flow): string =>
  `${to}${port === null ? '' : `, TCP ${port},`} from ${from}`;

const isPod = (name: string) => name.includes('/');

const addressOf = (topology: Topology, name: string) =>
  isPod(name) ? podNamed(topology, name).ip : nodeNamed(topology, name).address;

/** Has the lab an end of a flow at this moment? */
export const isThere = (topology: Topology, name: string): boolean =>
  isPod(name)
    ? topology.pods.some((pod) => `${pod.namespace}/${pod.name}` === name)
    : topology.nodes.some((node) => node.name === name);

function inside(topology: Topology, name: string, command: string[]): string[] {
  const paths = labPaths(topology.name);
  if (!isPod(name) && name !== 'outside') return insideNode(paths, name, command);
  const pod = isPod(name) ? podNamed(topology, name) : null;
  const part = pod ? podPart(pod.namespace, pod.name) : name;
  return ['nsenter', `--net=${paths.namespaceFile(part)}`, '--', ...command];
}

/** Does the flow's end answer within a second? @throws Error when the lab has no such end */
export async function answers(topology: Topology, { from, to, port }: Flow): Promise<boolean> {
  const address = addressOf(topology, to);
  const command =
    port === null
      ? ['ping', '-c1', '-W1', '-q', address]
      : ['timeout', '1', 'bash', '-c', 'exec 3<>"/dev/tcp/$0/$1"', address, String(port)];
  const { status } = await attempt(inside(topology, from, command));
  return status === 0;
}

/** Whether each of the flows answers, by how people read it. @throws Error when the lab has not one of their ends */
export async function whatAnswers(topology: Topology, flows: readonly Flow[]): Promise<Record<string, boolean>> {
  return Object.fromEntries(
    await Promise.all(flows.map(async (one) => [describeFlow(one), await answers(topology, one)] as const)),
  );
}
