import { z } from 'zod';
import { defineFix } from '../../model/fix.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { podInterfaceShape } from '../kit/input-shapes.ts';
import { draft } from './draft.ts';
import { look, lookCommands, lookReads } from './look.ts';
import { settle, undo, write, writeCommands } from './write.ts';

/** Brings a pod's interface up where somebody took an end of it down, and gives the pod its routes again. */
export const bringUpPodInterface = defineFix({
  id: 'bring-up-pod-interface',
  description:
    "Brings up a pod's interface that somebody took down, on the node or inside the pod. Inside the pod it also adds " +
    'the two routes that went with it.',
  risk: 'low',
  during: { seconds: 40, traffic: 'no flow stops: none passes a link that is down' },
  input: z.strictObject(podInterfaceShape),
  reads: lookReads,
  permissions: [],
  commands: [...lookCommands, ...writeCommands],
  controls: [openWays, policyDeniedFlow],
  look,
  draft,
  write,
  settle,
  undo,
});
