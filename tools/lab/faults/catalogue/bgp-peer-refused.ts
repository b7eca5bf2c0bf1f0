import { birdFile, birdSocket } from '../../nodes/bird.ts';
import type { Topology } from '../../topology.ts';
import { awaitRoutes, endNodes } from '../bgp-routes.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

/** What the node of the client expects of the node of the pod. */
function expectNumber(topology: Topology, before: number, after: number): Step {
  const { source, target } = endNodes(topology);
  const change = `s/neighbor ${target.address} as ${before};/neighbor ${target.address} as ${after};/`;
  const script = `sed -i '${change}' ${birdFile} && birdc -s ${birdSocket} configure`;
  return { do: 'run', on: source.name, command: ['sh', '-c', script] };
}

export const bgpPeerRefused = defineFault({
  name: 'bgp-peer-refused',
  summary: 'node-b expects another AS number of node-a than node-a has, so that neither learns the routes of the other',
  encaps: ['none'],
  expects: {
    verdict: 'fault',
    roots: ['bgp-peer-refused'],
    consequences: ['bgp-session-down', 'block-route-missing'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('shop/db', 'default/mypod'),
      flow('default/twin', 'default/mypod'),
      flow('node-b', 'node-a'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['routes'], needs: ['underlay'], endsAt: 'source-node' },
  break: (topology) => [expectNumber(topology, 64512, 64999), ...awaitRoutes(topology, false)],
  heal: (topology) => [expectNumber(topology, 64999, 64512), ...awaitRoutes(topology, true)],
});
