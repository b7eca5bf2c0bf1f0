import { whyFelixNotLive } from '../../calico/felix-health.ts';
import { bashFindFelix } from '../../commands/bash.ts';
import { curlFelixLiveness } from '../../commands/curl.ts';
import { ssFelixHealthPort } from '../../commands/ss.ts';
import type { Command } from '../../model/command.ts';
import type { Condition, FixContext } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { refuse } from './conditions.ts';
import { run } from './on-node.ts';

/** What `felixLive` runs. */
export const felixLiveCommands: readonly Command[] = [bashFindFelix, ssFelixHealthPort, curlFelixLiveness];

/**
 * Reads whether Felix of the node is live, by its own health port.
 * @param why why the fix needs it, after "Felix of NODE must be live, "
 */
export async function felixLive(
  context: FixContext,
  input: OneNode,
  why: string,
): Promise<Condition | ReturnType<typeof refuse>> {
  const [processes, listener, liveness] = await Promise.all([
    run(context, input, bashFindFelix),
    run(context, input, ssFelixHealthPort),
    run(context, input, curlFelixLiveness),
  ]);
  const trouble = whyFelixNotLive({
    processes: processes.stdout,
    listener: listener.stdout,
    liveness: liveness.stdout,
  });
  if (trouble !== null)
    return refuse(
      `Felix of ${input.node} must be live, ${why}: ${trouble}`,
      `curl -s -m 2 -i http://localhost:9099/liveness   # on ${input.node}`,
    );
  return { id: 'felix-live', description: `Felix of ${input.node} is live`, value: 'live' };
}
