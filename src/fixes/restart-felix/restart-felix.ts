import { z } from 'zod';
import { defineFix } from '../../model/fix.ts';
import { flowsOfOwnNode, flowsToOtherNodes, openWays, policyDeniedFlow } from '../kit/controls.ts';
import { podInterfaceShape } from '../kit/input-shapes.ts';
import { draft } from './draft.ts';
import { look, lookCommands, lookReads } from './look.ts';
import { undo, write, writeCommands } from './write.ts';

/**
 * Restarts Felix of one node in its container, through the supervisor that keeps it running. The pod of calico-node
 * stays, and with it BIRD, its routes, and the version that runs.
 */
export const restartFelix = defineFix({
  id: 'restart-felix',
  description:
    'Restarts Felix of one node inside its container, through the supervisor there. The pod of calico-node, BIRD and ' +
    'its routes stay.',
  risk: 'medium',
  during: { seconds: 105, traffic: 'flows go on, and new pods and policies wait until Felix is ready' },
  input: z.strictObject({
    ...podInterfaceShape,
    account: z
      .string()
      .regex(/^[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/)
      .nullable(),
  }),
  reads: lookReads,
  permissions: [],
  commands: [...lookCommands, ...writeCommands],
  controls: [openWays, flowsOfOwnNode, flowsToOtherNodes, policyDeniedFlow],
  look,
  draft,
  write,
  undo,
});
