import { controllersRun } from '../controllers.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { loseProfiles, regainProfiles } from '../profiles.ts';

const deployment = 'calico-kube-controllers';

export const controllerStopped = defineFault({
  name: 'controller-stopped',
  summary: 'kube-controllers is scaled to nothing, then the profile of namespace default is deleted',
  datastores: ['etcd'],
  expects: {
    verdict: 'fault',
    roots: ['controller-not-running'],
    consequences: ['pod-profile-missing'],
    fixedBy: 'scale-controller-back',
    answers: [flow('node-a', 'default/mypod'), flow('shop/db', 'shop/api')],
    silent: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
  },
  beside: {
    takes: ['controllers', 'profiles'],
    needs: ['Felix of node-a', 'filter of node-a'],
    endsAt: 'target-node',
    ofAnyPod: ['controller-not-running'],
  },
  break: (topology) => [{ do: 'scale', deployment, replicas: 0 }, ...loseProfiles(topology)],
  heal: (topology) => [...regainProfiles(topology), { do: 'scale', deployment, replicas: 1 }, controllersRun(topology)],
});
