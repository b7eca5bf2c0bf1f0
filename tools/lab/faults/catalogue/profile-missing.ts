import { controllersProcess } from '../../nodes/daemons.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { loseProfiles, regainProfiles } from '../profiles.ts';

export const profileMissing = defineFault({
  name: 'profile-missing',
  summary: 'the profile of namespace default is deleted behind a controller that has not reconciled yet',
  datastores: ['etcd'],
  parameters: { namespace: 'whose profile; default when not given' },
  expects: {
    verdict: 'fault',
    roots: ['pod-profile-missing'],
    answers: [flow('node-a', 'default/mypod'), flow('shop/db', 'shop/api')],
    silent: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
  },
  variants: [
    {
      parameters: { namespace: 'shop' },
      expects: {
        verdict: 'healthy',
        answers: [flow('default/client', 'default/mypod')],
        silent: [flow('default/client', 'shop/db')],
        others: [
          { asks: ['default/mypod', '--from', 'pod:shop/api'], verdict: 'fault', roots: ['pod-profile-missing'] },
        ],
      },
    },
  ],
  beside: {
    takes: ['controllers', 'profiles'],
    needs: ['Felix of node-a', 'filter of node-a'],
    endsAt: 'target-node',
  },
  break: (topology, { namespace }) => [
    { do: 'pause', process: controllersProcess },
    ...loseProfiles(topology, namespace),
  ],
  heal: (topology, { namespace }) => [
    ...regainProfiles(topology, namespace),
    { do: 'resume', process: controllersProcess },
  ],
});
