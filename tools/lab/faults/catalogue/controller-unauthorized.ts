import { controllersProcess } from '../../nodes/daemons.ts';
import { calicoNamespace, controllersName, type Topology } from '../../topology.ts';
import { controllersRefused, controllersRun } from '../controllers.ts';
import { defineFault } from '../fault.ts';
import { loseProfiles, profileLostBy, regainProfiles } from '../profiles.ts';

const account = (topology: Topology) =>
  `/api/v1/namespaces/${calicoNamespace(topology)}/serviceaccounts/${controllersName(topology)}`;

export const controllerUnauthorized = defineFault({
  name: 'controller-unauthorized',
  summary: 'the service account of kube-controllers is deleted, then the profile of namespace default',
  datastores: ['etcd'],
  eras: ['2', '3'],
  expects: profileLostBy('controller-unauthorized'),
  break: (topology) => [
    { do: 'remove-object', path: account(topology) },
    { do: 'restart', process: controllersProcess },
    controllersRefused(topology, 'refused'),
    ...loseProfiles(topology),
  ],
  heal: (topology) => [
    { do: 'restore-object', path: account(topology) },
    // Only a new pod gets a token of the new account.
    { do: 'scale', deployment: controllersName(topology), replicas: 0 },
    ...regainProfiles(topology),
    { do: 'scale', deployment: controllersName(topology), replicas: 1 },
    controllersRun(topology),
  ],
});
