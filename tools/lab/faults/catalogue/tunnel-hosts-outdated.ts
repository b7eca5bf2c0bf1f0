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

/** Felix checks its sets now and then: in the tables of nft with its rules. */
const unchecked = { FELIX_IPSETSREFRESHINTERVAL: '0', FELIX_NFTABLESREFRESHINTERVAL: '0' };

const flows = {
  answers: [flow('default/twin', 'default/mypod'), flow('shop/db', 'default/mypod'), flow('node-b', 'node-a')],
  silent: [flow('default/client', 'default/mypod')],
};

export const tunnelHostsOutdated = defineFault({
  name: 'tunnel-hosts-outdated',
  summary: 'Felix of node-a is killed, and what it programmed does not allow node-b, as if that came later',
  encaps: tunnelled,
  parameters: { felix: 'live: it is not killed, but does not check its sets again' },
  expects: {
    verdict: 'fault',
    roots: ['felix-not-running'],
    consequences: ['tunnel-source-refused'],
    ...flows,
  },
  variants: [
    {
      parameters: { felix: 'live' },
      expects: { verdict: 'fault', roots: ['tunnel-source-refused'], ...flows },
      // A Felix that cannot follow explains it.
      beside: {
        takes: ['settings of Felix', 'nodes'],
        needs: ['Felix of node-a'],
        endsAt: 'target-node',
        shownBy: 'packets',
        ofAnyPod: [],
      },
    },
  ],
  beside: {
    takes: ['Felix of node-a', 'settings of Felix', 'nodes'],
    endsAt: 'target-node',
    ofAnyPod: ['felix-not-running'],
  },
  break: (topology, { felix }) => {
    const { on, hosts, sender } = ends(topology);
    return [
      ...(felix === 'live'
        ? ([{ do: 'set-environment', process: felixProcess(on), variables: unchecked }, felixReady(on)] as const)
        : ([{ do: 'stop', process: felixProcess(on) }] as const)),
      { do: 'run', on, command: setMember(topology, 'delete', hosts, sender) },
    ];
  },
  heal: (topology, { felix }) => {
    const { on, hosts, sender } = ends(topology);
    return [
      { do: felix === 'live' ? 'reset-environment' : 'start', process: felixProcess(on) },
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
