import { z } from 'zod';
import { defineFix } from '../../model/fix.ts';
import { flowsToOtherNodes, openWays, policyDeniedFlow } from '../kit/controls.ts';
import { manifestName, manifestNamespace } from '../kit/controller-names.ts';
import { nodeShape } from '../kit/input-shapes.ts';
import { keptProfiles } from '../kit/kept-profiles.ts';
import { draft } from './draft.ts';
import { look, lookCommands, lookReads } from './look.ts';
import { undo, write } from './write.ts';

/** Scales the Deployment of Calico's controllers from 0 back to 1. It changes nothing else of the Deployment. */
export const scaleControllerBack = defineFix({
  id: 'scale-controller-back',
  description:
    "Scales the Deployment of Calico's controllers from 0 to 1, where a manifest installed it and Kubernetes has " +
    "every namespace and node that Calico's datastore knows.",
  risk: 'medium',
  during: { seconds: 10, traffic: 'flows go on, unless the controller now makes a policy that denies them' },
  input: z.strictObject({
    ...nodeShape,
    namespace: z.string().min(1),
    name: z.string().min(1),
    datastore: z.enum(['kubernetes', 'etcdv3']),
  }),
  reads: lookReads,
  permissions: [
    {
      group: 'apps',
      resource: 'deployments/scale',
      verbs: ['patch'],
      names: [manifestName],
      namespace: manifestNamespace,
    },
  ],
  commands: lookCommands,
  controls: [{ fact: 'objects', watches: keptProfiles.watches }, openWays, flowsToOtherNodes, policyDeniedFlow],
  keeps: keptProfiles,
  look,
  draft,
  write,
  undo,
});
