import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, uncheckedRules } from '../felix.ts';
import { flow } from '../flows.ts';
import { ruleThere, type Step } from '../steps.ts';

/** Felix's closing rule, as it stands in a save. */
const closing = 'Policy explicitly accepted packet';

/** Deletes the closing rule wherever it stands, as a script that resets FORWARD does. */
function cut(topology: Topology): Step {
  const script = topology.dataplane === 'nftables' ? cutNative : cutIptables(topology.dataplane);
  return { do: 'run', on: podNamed(topology, 'default/mypod').node, command: ['sh', '-ec', script] };
}

/** The rules stand in the save as a shell reads them. */
function cutIptables(backend: string): string {
  const tool = `iptables-${backend}`;
  const standing = `${tool}-save -t filter | sed -n '/${closing}/s/^-A/-D/p'`;
  return `${standing} | while read -r rule; do eval "${tool} $rule"; done`;
}

const nativeForward = 'ip calico filter-FORWARD';
const cutNative =
  `nft -a list chain ${nativeForward} | sed -n '/${closing}/s/.* handle //p' | ` +
  `while read -r handle; do nft delete rule ${nativeForward} handle "$handle"; done`;

const forwardPolicy = (topology: Topology, policy: 'DROP' | 'ACCEPT'): Step => ({
  do: 'run',
  on: podNamed(topology, 'default/mypod').node,
  command:
    topology.dataplane === 'nftables'
      ? ['nft', `add chain ${nativeForward} { policy ${policy.toLowerCase()} ; }`]
      : [`iptables-${topology.dataplane}`, '-P', 'FORWARD', policy],
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
      { do: 'set-environment', process: felixProcess(node), variables: uncheckedRules },
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
