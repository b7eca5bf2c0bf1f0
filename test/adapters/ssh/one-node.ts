/** A node of the tests' own, a wire to it, and what the program asks of it there. */
import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { createAgentConnections } from '../../../src/adapters/agent.ts';
import type { NodeConnections } from '../../../src/adapters/node-helper/node-connections.ts';
import { createNodeConnections, createNodeShells, type NodeConnectionOptions } from '../../../src/adapters/ssh.ts';
import type { NodeShells } from '../../../src/model/ports.ts';
import { clusterOf } from '../../probes/cluster-of.ts';
import { agentPod, daemonSet } from '../agent/agent-objects.ts';
import { runBehind, startExecServer, type ExecServer } from '../agent/exec-server.ts';
import { commands } from './node-commands.ts';
import { startTestNode, startWire, type TestNode, type Wire } from './test-node.ts';

export const address = { name: 'node-a', address: '127.0.0.1' };
type Command = keyof typeof commands;

export function start(shells: NodeShells, key: Command, params: Readonly<Record<string, string>> = {}) {
  return shells.shell(address).start({ command: { id: `test-${key}`, ...commands[key] }, moment: 'first', params });
}
export const look = (shells: NodeShells, key: Command, params?: Readonly<Record<string, string>>) =>
  start(shells, key, params).result;

export let node: TestNode;
export let wire: Wire;
export let connections: NodeConnections;
export let shells: NodeShells;

export type Way = 'ssh' | 'agent';

/** Of the agent, where that is the way to the node. */
let api: ExecServer | null = null;

/** Connects on the way of this block. @param idleMs an unused connection is closed after this time */
export async function connect(idleMs?: number): Promise<NodeConnections> {
  const idle = idleMs === undefined ? {} : { idleMs };
  if (api === null) return createNodeConnections({ ...options(), ...idle });
  const kubeconfig = await api.kubeconfig(wire.port);
  return createAgentConnections({ kubeconfig, cluster: clusterOf([daemonSet, agentPod()]), ...idle });
}

/** Starts the node for the tests of this block, and connects anew for each of them. */
export function withNode(way: Way = 'ssh'): void {
  beforeAll(async () => {
    node = await startTestNode(commands);
    if (way === 'agent')
      api = await startExecServer({
        opened: (socket, asked) => runBehind(socket, node.enterAgent(asked.searchParams.getAll('command'))),
      });
  }, 60_000);
  afterAll(async () => {
    await api?.close();
    api = null;
    await node.stop();
  });
  beforeEach(async () => {
    wire = await startWire(api?.port ?? node.port);
    connections = await connect();
    shells = connections.shells();
  });
  afterEach(async () => {
    await connections.close();
    await wire.close();
  });
}

export const options = (): NodeConnectionOptions => ({
  user: 'calico-chatops',
  privateKey: node.privateKey,
  port: wire.port,
  knownHosts: `[127.0.0.1]:${wire.port} ${node.hostKey}\n`,
});

/** The one error that all commands over a bad connection get. */
export const failing = async (change: Partial<NodeConnectionOptions>) => {
  const mine = createNodeShells({ ...options(), ...change });
  const [first, second] = await Promise.allSettled([look(mine, 'who'), look(mine, 'who')]);
  await mine.close();
  if (first.status === 'fulfilled' || second.status === 'fulfilled') throw new Error('it ran');
  const { reason }: { reason: { code: string; message: string } } = first;
  expect(second.reason).toBe(reason);
  return reason;
};
