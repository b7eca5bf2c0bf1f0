import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const [pod, client] = ['default/mypod', 'default/client'];

/** Answers to the client leave past the tunnel, by which its packets come in. */
function changeRoute(topology: Topology, how: 'add' | 'delete'): Step {
  const { ip, node } = podNamed(topology, client);
  const command = ['ip', 'route', how, `${ip}/32`, 'via', nodeNamed(topology, node).address];
  return { do: 'run', on: podNamed(topology, pod).node, command };
}

function setFilter(topology: Topology, { key = 'tunl0' }: Readonly<Record<string, string>>, value: 0 | 1): Step {
  return {
    do: 'run',
    on: podNamed(topology, pod).node,
    command: ['sysctl', '-qw', `net/ipv4/conf/${key}/rp_filter=${value}`],
  };
}

const expects = {
  verdict: 'fault',
  roots: ['reverse-path-filtered'],
  answers: [flow('shop/db', pod), flow('default/twin', pod), flow(client, 'default/twin'), flow('node-b', 'node-a')],
  silent: [flow(client, pod)],
} as const;

export const reversePathStrict = defineFault({
  name: 'reverse-path-strict',
  encaps: ['ipip'],
  summary:
    'the node of default/mypod answers default/client by another interface, and its reverse path filter is strict',
  parameters: { key: 'all: rp_filter of all, not of the device of the tunnel' },
  expects,
  variants: [{ parameters: { key: 'all' }, expects }],
  beside: {
    takes: ['routes to the client', 'reverse path filter'],
    endsAt: 'target-node',
    // Before FORWARD: no packet comes to its rules, and the kernel does not say by which interface it would leave.
    hides: ['foreign-rule-drops', 'policy-denies-ingress', 'calico-hooks-missing'],
  },
  break: (topology, parameters) => [changeRoute(topology, 'add'), setFilter(topology, parameters, 1)],
  heal: (topology, parameters) => [setFilter(topology, parameters, 0), changeRoute(topology, 'delete')],
});
