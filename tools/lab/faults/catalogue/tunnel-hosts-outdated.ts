import { felixProcess } from '../../nodes/daemons.ts';
import { tunnelled, tunnelOf } from '../../encapsulation.ts';
import { setMember } from '../../saved-rules.ts';
import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';

const ends = (topology: Topology) => ({
  on: podNamed(topology, 'default/mypod').node,
  hosts: tunnelOf(topology).hosts,
  sender: nodeNamed(topology, podNamed(topology, 'default/client').node).address,
});

export const tunnelHostsOutdated = defineFault({
  name: 'tunnel-hosts-outdated',
  summary: 'Felix of node-a is killed, and what it programmed does not allow node-b, as if that came later',
  encaps: tunnelled,
  expects: {
    verdict: 'fault',
    roots: ['felix-not-running'],
    consequences: ['tunnel-source-refused'],
    answers: [flow('default/twin', 'default/mypod'), flow('shop/db', 'default/mypod'), flow('node-b', 'node-a')],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['Felix of node-a', 'settings of Felix', 'nodes'], endsAt: 'target-node' },
  break: (topology) => {
    const { on, hosts, sender } = ends(topology);
    return [
      { do: 'stop', process: felixProcess(on) },
      { do: 'run', on, command: setMember(topology, 'delete', hosts, sender) },
    ];
  },
  heal: (topology) => {
    const { on, hosts, sender } = ends(topology);
    return [
      { do: 'start', process: felixProcess(on) },
      felixReady(on),
      {
        do: 'await',
        what: `Felix of ${on} to allow ${sender}`,
        on,
        command: setMember(topology, 'get', hosts, sender),
        seconds: 30,
      },
    ];
  },
});
