import { z } from 'zod';
import { defineFix } from '../../model/fix.ts';
import { calicoctlCommands } from '../kit/calicoctl.ts';
import { oldCalicoctlCommands } from '../kit/calicoctl-v1.ts';
import { openWays, policyDeniedFlow } from '../kit/controls.ts';
import { nodeShape } from '../kit/input-shapes.ts';
import { draft } from './draft.ts';
import { look } from './look.ts';
import { undo } from './undo.ts';
import { write } from './write.ts';

/** Makes the profile that a pod's endpoint names and the datastore lacks, as Calico's controller would have made it. */
export const createPodProfile = defineFix({
  id: 'create-pod-profile',
  description:
    "Creates the profile that a pod's endpoint names and Calico's etcd datastore lacks, with calicoctl on the " +
    "pod's node.",
  risk: 'medium',
  during: { seconds: 30, traffic: 'no flow stops, unless a policy selects by the labels that come back' },
  input: z.strictObject({
    profile: z.string().min(1),
    namespace: z.string().min(1),
    pod: z.string().min(1),
    workloadEndpoint: z.string().min(1),
    ...nodeShape,
  }),
  reads: ['Namespace', 'ServiceAccount'].map((kind) => ({ verb: 'get', apiVersion: 'v1', kind, where: 'cluster' })),
  permissions: [],
  commands: [...calicoctlCommands, ...oldCalicoctlCommands],
  controls: [openWays, policyDeniedFlow],
  look,
  draft,
  write,
  undo,
});
