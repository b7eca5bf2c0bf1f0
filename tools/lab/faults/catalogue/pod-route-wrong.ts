import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, routeThere } from '../felix.ts';
import { flow } from '../flows.ts';

const stale = 'calistale000000';

export const podRouteWrong = defineFault({
  name: 'pod-route-wrong',
  summary:
    'the route to default/mypod leads to an interface that another pod left, and Felix does not check routes again',
  expects: {
    verdict: 'fault',
    roots: ['pod-route-wrong'],
    consequences: ['calico-guard-drops'],
    answers: [
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['route to the pod', 'settings of Felix'], needs: ['Felix of node-a'], endsAt: 'target-node' },
  break: (topology) => {
    const { node: on, ip } = podNamed(topology, 'default/mypod');
    return [
      { do: 'set-environment', process: felixProcess(on), variables: { FELIX_ROUTEREFRESHINTERVAL: '0' } },
      felixReady(on),
      { do: 'run', on, command: ['ip', 'link', 'add', stale, 'type', 'veth', 'peer', 'name', 'stalepeer'] },
      { do: 'run', on, command: ['ip', 'link', 'set', stale, 'up'] },
      { do: 'run', on, command: ['ip', 'link', 'set', 'stalepeer', 'up'] },
      { do: 'run', on, command: ['ip', 'route', 'flush', 'exact', `${ip}/32`] },
      { do: 'run', on, command: ['ip', 'route', 'add', `${ip}/32`, 'dev', stale, 'scope', 'link'] },
    ];
  },
  heal: (topology) => {
    const { node: on } = podNamed(topology, 'default/mypod');
    return [
      { do: 'run', on, command: ['ip', 'link', 'delete', stale] },
      { do: 'reset-environment', process: felixProcess(on) }, // a Felix that starts programs every route
      felixReady(on),
      routeThere(topology, 'default/mypod'),
    ];
  },
});
