import { controllersName, type Topology } from '../../topology.ts';
import { controllersPath, controllersRun } from '../controllers.ts';
import { defineFault } from '../fault.ts';
import { loseProfiles, profileLostBy, regainProfiles } from '../profiles.ts';
import type { Step } from '../steps.ts';

/** Only a new pod has the variable that its Deployment names. null: the old value. */
const enable = (topology: Topology, value: string | null): Step[] => [
  { do: 'scale', deployment: controllersName(topology), replicas: 0 },
  { do: 'set-variable', path: controllersPath(topology), variable: 'ENABLED_CONTROLLERS', value },
  { do: 'scale', deployment: controllersName(topology), replicas: 1 },
];

export const controllerLimited = defineFault({
  name: 'controller-limited',
  summary: 'kube-controllers runs without the controllers that make profiles, and the profile of default is deleted',
  datastores: ['etcd'],
  expects: profileLostBy('controller-namespaces-disabled'),
  break: (topology) => [...enable(topology, 'policy,workloadendpoint,node'), ...loseProfiles(topology)],
  heal: (topology) => [...regainProfiles(topology), ...enable(topology, null), controllersRun(topology)],
});
