import { z } from 'zod';
import { defineFix } from '../../model/fix.ts';
import { flowsToOtherNodes, openWays, policyDeniedFlow } from '../kit/controls.ts';
import { interfaceShape } from '../kit/input-shapes.ts';
import { draft } from './draft.ts';
import { look, lookCommands, lookReads } from './look.ts';
import { settle, undo, write, writeCommands } from './write.ts';

/** Brings a node's tunnel device up where somebody took it down. It neither makes one nor gives it an address. */
export const bringUpTunnelDevice = defineFix({
  id: 'bring-up-tunnel-device',
  description:
    "Brings up a node's tunnel device that somebody took down, where it has the address that Calico gave it.",
  risk: 'medium',
  during: { seconds: 25, traffic: 'no flow stops: none passes a device that is down' },
  input: z.strictObject(interfaceShape),
  reads: lookReads,
  permissions: [],
  commands: [...lookCommands, ...writeCommands],
  controls: [openWays, flowsToOtherNodes, policyDeniedFlow],
  look,
  draft,
  write,
  settle,
  undo,
});
