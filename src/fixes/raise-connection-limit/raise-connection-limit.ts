import { z } from 'zod';
import { bashConnectionsDouble, bashConnectionsHalve } from '../../commands/bash-connections.ts';
import { grepConnectionRoom, grepKernelCounters } from '../../commands/grep.ts';
import { headConnections } from '../../commands/head.ts';
import type { Transcript } from '../../model/command.ts';
import { defineFix, type Applied, type FixContext, type Undone, type Written } from '../../model/fix.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import { LookError } from '../../model/look-error.ts';
import { flowsOfOwnNode, flowsToOtherNodes, openWays, policyDeniedFlow } from '../kit/controls.ts';
import { nodeShape } from '../kit/input-shapes.ts';
import { lostOutcome, run, said, undoing, whyNotDone } from '../kit/on-node.ts';
import { draft } from './draft.ts';
import { limitNow, look, type FullTable } from './look.ts';

/** The command looks itself whether it may. */
const refusedByNode = 3;
const applied = z.object({ before: z.string(), now: z.string() });

/** Doubles the bound of a full connection table, where the memory of the node allows it. */
export const raiseConnectionLimit = defineFix({
  id: 'raise-connection-limit',
  description:
    'Doubles how many connections the kernel of a node tracks at most, where its table is full and the node has ' +
    'memory for more.',
  risk: 'medium',
  during: { seconds: 5, traffic: 'no flow stops' },
  input: z.strictObject(nodeShape),
  permissions: [],
  commands: [grepKernelCounters, grepConnectionRoom, headConnections, bashConnectionsDouble, bashConnectionsHalve],
  controls: [openWays, flowsOfOwnNode, flowsToOtherNodes, policyDeniedFlow],
  look,
  draft,
  write,
  undo,
});

async function write(context: FixContext, input: OneNode, { limit, wanted }: FullTable): Promise<Written> {
  const done = await run(context, input, bashConnectionsDouble).catch(lostOutcome);
  if (!(done instanceof LookError) && done.exit === refusedByNode)
    return { outcome: 'refused', why: `${input.node} does not double it: ${said(done)}` };
  const key = `nf_conntrack_max of ${input.node}`;
  const why = whyNotDone(done, `${key} may be ${wanted} or ${limit}`) ?? whyAnother(done, wanted, key);
  return why === null
    ? { outcome: 'applied', applied: { before: String(limit), now: String(wanted) } }
    : { outcome: 'failed', why };
}

/** The command doubles the bound of its moment, and sysctl prints what it set. */
function whyAnother(done: Transcript | LookError, wanted: number, key: string): string | null {
  const set = done instanceof LookError ? null : /= (\d{1,12})$/m.exec(done.stdout)?.[1];
  return set === String(wanted)
    ? null
    : `${key} is ${set ?? 'not told'} now, not ${wanted}: somebody else set it. Check it by hand`;
}

async function undo(context: FixContext, input: OneNode, done: Applied): Promise<Undone> {
  const { before, now } = applied.parse(done);
  const key = `nf_conntrack_max of ${input.node}`;
  return undoing(`${key} may be ${now} or ${before}`, async () => {
    const limit = String(await limitNow(context, input));
    if (limit === before) return { ok: true, why: `${key} is ${before} already` };
    if (limit !== now) return { ok: false, why: `${key} is left alone: somebody set it to ${limit}` };
    const undone = await run(context, input, bashConnectionsHalve);
    return undone.exit === 0
      ? { ok: true, why: `${key} is ${before} again` }
      : { ok: false, why: `${key} stays ${now}: ${said(undone)}` };
  });
}
