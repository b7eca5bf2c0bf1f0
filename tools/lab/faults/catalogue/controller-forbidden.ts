import { controllersProcess } from '../../nodes/daemons.ts';
import { controllersRefused, controllersRun } from '../controllers.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { loseProfiles, profileLostBy, regainProfiles } from '../profiles.ts';
import { controllersName, type Topology } from '../../topology.ts';

const bindings = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings';
const controllersBinding = (topology: Topology) => `${bindings}/${controllersName(topology)}`;

/** What the bot's fix may have put the controllers into. */
const grantBinding = `${bindings}/calico-chatops-controller-grant`;

export const controllerForbidden = defineFault({
  name: 'controller-forbidden',
  summary: 'the ClusterRoleBinding of kube-controllers is deleted, then the profile of namespace default',
  datastores: ['etcd'],
  eras: ['2', '3'],
  parameters: { profile: 'kept: the profile stays, so that the flow works and controller-forbidden is latent' },
  expects: profileLostBy('controller-forbidden'),
  variants: [
    {
      parameters: { profile: 'kept' },
      expects: {
        verdict: 'fault',
        latent: ['controller-forbidden'],
        answers: [flow('default/client', 'default/mypod')],
        silent: [],
      },
      beside: { endsAt: null },
    },
  ],
  beside: {
    takes: ['controllers', 'profiles'],
    needs: ['Felix of node-a', 'filter of node-a'],
    endsAt: 'target-node',
    ofAnyPod: ['controller-forbidden'],
  },
  break: (topology, { profile }) => [
    { do: 'remove-object', path: controllersBinding(topology) },
    // A watch that stands goes on without rights: only a controller that starts anew is refused.
    { do: 'restart', process: controllersProcess },
    controllersRefused(topology, 'forbidden'),
    ...(profile === 'kept' ? [] : loseProfiles(topology)),
  ],
  heal: (topology, { profile }) => [
    { do: 'restore-object', path: controllersBinding(topology) },
    { do: 'clear-subjects', path: grantBinding },
    { do: 'restart', process: controllersProcess },
    ...(profile === 'kept' ? [] : regainProfiles(topology)),
    controllersRun(topology),
  ],
});
