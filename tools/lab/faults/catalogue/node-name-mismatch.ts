import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';
import { ruleGone, ruleThere, type Step } from '../steps.ts';

const pod = 'default/mypod';

const awaitChains = (topology: Topology, wanted: 'there' | 'gone'): Step => {
  const { node: on, interface: name } = podNamed(topology, pod);
  const chain = `-A cali-tw-${name} `;
  return {
    do: 'await',
    what: `Felix of ${on} to ${wanted === 'there' ? 'program' : 'forget'} ${name}`,
    on,
    command: wanted === 'there' ? ruleThere(topology.dataplane, chain) : ruleGone(topology.dataplane, chain),
    seconds: 30,
  };
};

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
      awaitChains(topology, 'gone'),
    ];
  },
  heal: (topology) => {
    const { node } = podNamed(topology, pod);
    return [{ do: 'reset-environment', process: felixProcess(node) }, felixReady(node), awaitChains(topology, 'there')];
  },
});
