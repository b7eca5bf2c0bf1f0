import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { chainsOf, felixReady, routeGone } from '../felix.ts';
import { flow } from '../flows.ts';

const pod = 'default/mypod';

export const nodeNameMismatch = defineFault({
  name: 'node-name-mismatch',
  summary: "Felix of default/mypod's node is told the full name of the node, and endpoints have the short one",
  expects: {
    verdict: 'fault',
    roots: ['node-name-mismatch'],
    consequences: ['pod-route-missing'],
    answers: [flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod)],
  },
  break: (topology) => {
    const { node } = podNamed(topology, pod);
    return [
      {
        do: 'set-environment',
        process: felixProcess(node),
        variables: { FELIX_FELIXHOSTNAME: `${node}.example.com` },
      },
      chainsOf(topology, pod, 'gone'),
      routeGone(topology, pod),
    ];
  },
  heal: (topology) => {
    const { node } = podNamed(topology, pod);
    return [
      { do: 'reset-environment', process: felixProcess(node) },
      felixReady(node),
      chainsOf(topology, pod, 'there'),
    ];
  },
});
