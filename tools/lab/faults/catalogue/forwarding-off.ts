import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const answers = [
  flow('node-a', 'default/mypod'),
  flow('default/client', 'shop/db'),
  flow('default/client', 'default/twin'),
  flow('node-b', 'node-a'),
];
const silent = [flow('default/client', 'default/mypod'), flow('shop/db', 'default/mypod')];

/** By which the answers of default/mypod come in on its node; or the tunnel's device, by which requests do. */
function change(topology: Topology, { interface: name }: Readonly<Record<string, string>>, value: 0 | 1): Step {
  const { node, interface: own } = podNamed(topology, 'default/mypod');
  return { do: 'run', on: node, command: ['sysctl', '-qw', `net/ipv4/conf/${name ?? own}/forwarding=${value}`] };
}

/** A gateway that does not forward answers no ARP either: the pod has only just heard of it. */
const knowGateway: Step = {
  do: 'run',
  on: 'default/mypod',
  command: [
    'sh',
    '-c',
    String.raw`mac=$(ip neigh show to 169.254.1.1 dev eth0 | sed -n 's/.*lladdr \([^ ]*\).*/\1/p'); ` +
      '[ -z "$mac" ] || ip neigh replace 169.254.1.1 dev eth0 lladdr "$mac" nud reachable',
  ],
};

export const forwardingOff = defineFault({
  name: 'forwarding-off',
  summary: "forwarding is off for default/mypod's interface on its node",
  parameters: { interface: 'for this interface of the node instead' },
  expects: { verdict: 'fault', roots: ['ip-forward-disabled'], answers, silent },
  variants: [
    {
      parameters: { interface: 'tunl0' },
      encaps: ['ipip'],
      // The kernel refuses the packet for that before it checks the way back, and before FORWARD.
      beside: {
        endsAt: 'target-node',
        hides: ['reverse-path-filtered', 'foreign-rule-drops', 'policy-denies-ingress'],
      },
      expects: {
        verdict: 'fault',
        roots: ['ip-forward-disabled'],
        answers: [flow('node-a', 'default/mypod'), flow('shop/db', 'default/mypod'), flow('node-b', 'node-a')],
        silent: [flow('default/client', 'default/mypod'), flow('default/client', 'shop/db')],
      },
    },
  ],
  beside: {
    takes: ['forwarding'],
    needs: ['eth0 of the pod', 'settings of Felix'],
    endsAt: 'reply',
  },
  break: (topology, parameters) => [knowGateway, change(topology, parameters, 0)],
  heal: (topology, parameters) => [change(topology, parameters, 1)],
});
