import type { AgentGuard } from '../../model/agent.ts';
import { loadClient } from '../kubernetes/client.ts';
import { agentPodOf } from './agent-pods.ts';
import type { AgentWayOptions } from './agent-way.ts';
import { startHelper } from './start-helper.ts';

/** Does nothing, and is in every image. */
const harmless = '/bin/true';

/**
 * Tries to start a program that is not the agent's: the admission policy of deploy/node-agent must refuse it.
 * @throws LookError when the agent's pod on the node is not known
 */
export async function tryGuard(node: string, options: AgentWayOptions): Promise<AgentGuard> {
  const pod = await agentPodOf(node, options.cluster);
  const silent = { output() {}, errors() {}, exited() {}, broken() {}, closed() {} };
  try {
    const place = { node, pod, program: harmless, timeoutMs: options.connectTimeoutMs };
    const { socket } = await startHelper(place, await loadClient(options), silent, () => undefined);
    socket.terminate();
    return { state: 'open' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return /ValidatingAdmissionPolicy/.test(why) ? { state: 'guarded' } : { state: 'unknown', why };
  }
}
