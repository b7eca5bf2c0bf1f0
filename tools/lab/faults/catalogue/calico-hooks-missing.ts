import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';
import { ruleThere, type Step } from '../steps.ts';

/** Felix's closing rule, as it stands in a save. */
const closing = 'Policy explicitly accepted packet';

/** Deletes the closing rule wherever it stands, as a script that resets FORWARD does. */
function cut(topology: Topology): Step {
  const tool = `iptables-${topology.dataplane}`;
  // The rules stand in the save as a shell reads them.
  const standing = `${tool}-save -t filter | sed -n '/${closing}/s/^-A/-D/p'`;
  const script = `${standing} | while read -r rule; do eval "${tool} $rule"; done`;
  return { do: 'run', on: podNamed(topology, 'default/mypod').node, command: ['sh', '-ec', script] };
}

const forwardPolicy = (topology: Topology, policy: 'DROP' | 'ACCEPT'): Step => ({
  do: 'run',
  on: podNamed(topology, 'default/mypod').node,
  command: [`iptables-${topology.dataplane}`, '-P', 'FORWARD', policy],
});

export const calicoHooksMissing = defineFault({
  name: 'calico-hooks-missing',
  summary: "Calico's closing accept is deleted from FORWARD, whose policy drops, and Felix does not check it again",
  expects: {
    verdict: 'fault',
    roots: ['calico-hooks-missing'],
    answers: [flow('node-a', 'default/mypod'), flow('default/client', 'default/twin')],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['filter of node-a', 'settings of Felix'], needs: ['Felix of node-a'], endsAt: 'target-node' },
  break: (topology) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      { do: 'set-environment', process: felixProcess(node), variables: { FELIX_IPTABLESREFRESHINTERVAL: '0' } },
      felixReady(node),
      forwardPolicy(topology, 'DROP'),
      cut(topology),
    ];
  },
  heal: (topology) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      forwardPolicy(topology, 'ACCEPT'),
      { do: 'reset-environment', process: felixProcess(node) }, // a Felix that starts writes every rule
      felixReady(node),
      {
        do: 'await',
        what: "Felix's closing rule in FORWARD",
        on: node,
        command: ruleThere(topology.dataplane, `-A FORWARD .*${closing}`),
        seconds: 30,
      },
    ];
  },
});
