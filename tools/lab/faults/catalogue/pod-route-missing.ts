import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, routeThere } from '../felix.ts';
import { flow } from '../flows.ts';

export const podRouteMissing = defineFault({
  name: 'pod-route-missing',
  summary: 'the route to default/mypod is deleted from its node, and Felix does not read routes again',
  expects: {
    verdict: 'fault',
    roots: ['pod-route-missing'],
    answers: [
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
    fixedBy: 'restart-felix',
  },
  beside: {
    takes: ['route to the pod', 'settings of Felix'],
    needs: ['Felix of node-a'],
    endsAt: 'target-node',
  },
  break: (topology) => {
    const { node, ip } = podNamed(topology, 'default/mypod');
    return [
      { do: 'set-environment', process: felixProcess(node), variables: { FELIX_ROUTEREFRESHINTERVAL: '0' } },
      felixReady(node),
      { do: 'run', on: node, command: ['ip', 'route', 'delete', `${ip}/32`] },
    ];
  },
  heal: (topology) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      { do: 'reset-environment', process: felixProcess(node) }, // a Felix that starts programs every route
      felixReady(node),
      routeThere(topology, 'default/mypod'),
    ];
  },
});
