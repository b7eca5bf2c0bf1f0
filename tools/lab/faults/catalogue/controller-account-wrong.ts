import { controllersName, type Topology } from '../../topology.ts';
import { controllersPath, controllersRefused, controllersRun } from '../controllers.ts';
import { defineFault } from '../fault.ts';
import { loseProfiles, profileLostBy, regainProfiles } from '../profiles.ts';
import type { Step } from '../steps.ts';

/** Only a new pod runs as the account that its Deployment names. */
const runAs = (topology: Topology, account: string, between: readonly Step[] = []): Step[] => [
  { do: 'scale', deployment: controllersName(topology), replicas: 0 },
  {
    do: 'patch-object',
    path: controllersPath(topology),
    patch: { spec: { template: { spec: { serviceAccountName: account, serviceAccount: null } } } },
  },
  ...between,
  { do: 'scale', deployment: controllersName(topology), replicas: 1 },
];

export const controllerAccountWrong = defineFault({
  name: 'controller-account-wrong',
  summary: 'the policy controller runs as another account, then the profile of namespace default is deleted',
  datastores: ['etcd'],
  eras: ['2'],
  expects: profileLostBy('controller-forbidden'),
  break: (topology) => [
    ...runAs(topology, 'default'),
    controllersRefused(topology, 'forbidden'),
    ...loseProfiles(topology),
  ],
  heal: (topology) => [
    ...runAs(topology, controllersName(topology), regainProfiles(topology)),
    controllersRun(topology),
  ],
});
