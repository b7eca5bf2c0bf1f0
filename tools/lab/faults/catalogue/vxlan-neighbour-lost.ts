import { vxlanMac } from '../../encapsulation.ts';
import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const device = 'vxlan.calico';
/** Of no device: a node that was there before may have had it. */
const stale = '66:00:00:00:00:fe';

const answers = [
  flow('node-a', 'default/mypod'),
  flow('shop/db', 'default/mypod'),
  flow('default/twin', 'default/mypod'),
  flow('node-b', 'node-a'),
];
const expects = {
  verdict: 'fault',
  roots: ['vxlan-neighbour-lost'],
  answers,
  silent: [flow('default/client', 'default/mypod')],
} as const;

/** The commands on the source's node, and whom they are about. */
function commands(topology: Topology) {
  const on = podNamed(topology, 'default/client').node;
  const target = nodeNamed(topology, podNamed(topology, 'default/mypod').node);
  const third = topology.nodes.find(({ name }) => name !== on && name !== target.name) ?? target;
  const run = (...command: string[]): Step => ({ do: 'run', on, command });
  return {
    neighbour: (mac: string) =>
      run('ip', 'neigh', 'replace', target.tunnelAddress, 'lladdr', mac, 'dev', device, 'nud', 'permanent'),
    noNeighbour: run('ip', 'neigh', 'del', target.tunnelAddress, 'dev', device),
    forward: (mac: string, to: string) => run('bridge', 'fdb', 'replace', mac, 'dev', device, 'dst', to),
    noForward: (mac: string) => run('bridge', 'fdb', 'del', mac, 'dev', device),
    mac: vxlanMac(target),
    target,
    third,
  };
}

export const vxlanNeighbourLost = defineFault({
  name: 'vxlan-neighbour-lost',
  summary: 'node-b does not know to which node it must send VXLAN packets for node-a, as after a missed update',
  encaps: ['vxlan', 'crosssubnet'],
  parameters: {
    lost: 'neighbour: the neighbour entry instead; address: it has another address; node: they go to another node',
  },
  expects,
  variants: ['neighbour', 'address', 'node'].map((lost) => ({ parameters: { lost }, expects })),
  beside: { takes: ['tunnel of node-b'], endsAt: 'source-node' },
  break: (topology, { lost = 'forwarding' }) => {
    const { neighbour, noNeighbour, forward, noForward, mac, target, third } = commands(topology);
    if (lost === 'neighbour') return [noNeighbour];
    if (lost === 'address') return [forward(stale, target.address), neighbour(stale)];
    return lost === 'node' ? [forward(mac, third.address)] : [noForward(mac)];
  },
  heal: (topology, { lost = 'forwarding' }) => {
    const { neighbour, forward, noForward, mac, target } = commands(topology);
    return [neighbour(mac), forward(mac, target.address), ...(lost === 'address' ? [noForward(stale)] : [])];
  },
});
