import { device6, tunnelAddress6, vxlanMac6 } from '../../dual-stack.ts';
import { vxlanMac } from '../../encapsulation.ts';
import { felixProcess } from '../../nodes/daemons.ts';
import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
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
  const entry6 = [tunnelAddress6(target), 'dev', device6];
  const run = (...command: string[]): Step => ({ do: 'run', on, command });
  return {
    neighbour: (mac: string) =>
      run('ip', 'neigh', 'replace', target.tunnelAddress, 'lladdr', mac, 'dev', device, 'nud', 'permanent'),
    /** Felix reads these entries again as often as routes, and would mend them. */
    unread: [
      { do: 'set-environment', process: felixProcess(on), variables: { FELIX_ROUTEREFRESHINTERVAL: '0' } },
      felixReady(on),
    ] satisfies Step[],
    readAgain: [{ do: 'reset-environment', process: felixProcess(on) }, felixReady(on)] satisfies Step[],
    noNeighbour: run('ip', 'neigh', 'del', target.tunnelAddress, 'dev', device),
    forward: (mac: string, to: string) => run('bridge', 'fdb', 'replace', mac, 'dev', device, 'dst', to),
    neighbour6: run('ip', '-6', 'neigh', 'replace', ...entry6, 'lladdr', vxlanMac6(target), 'nud', 'permanent'),
    noNeighbour6: run('ip', '-6', 'neigh', 'del', ...entry6),
    noForward: (mac: string) => run('bridge', 'fdb', 'del', mac, 'dev', device),
    mac: vxlanMac(target),
    target,
    third,
  };
}

export const vxlanNeighbourLost = defineFault({
  name: 'vxlan-neighbour-lost',
  summary: 'node-b does not know to which node it must send VXLAN packets for node-a, and its Felix does not look',
  encaps: ['vxlan', 'crosssubnet'],
  parameters: {
    lost:
      'neighbour: the neighbour entry instead (neighbour6: that of IPv6 alone); address: it has another address; ' +
      'node: they go to another node',
  },
  expects,
  variants: ['neighbour', 'address', 'node'].map((lost) => ({ parameters: { lost }, expects })),
  beside: { takes: ['tunnel of node-b', 'settings of Felix'], endsAt: 'source-node' },
  break: (topology, { lost = 'forwarding' }) => {
    const { unread, neighbour, noNeighbour, noNeighbour6, forward, noForward, mac, target, third } = commands(topology);
    if (lost === 'neighbour') return [...unread, noNeighbour];
    if (lost === 'neighbour6') return [...unread, noNeighbour6];
    if (lost === 'address') return [...unread, forward(stale, target.address), neighbour(stale)];
    return [...unread, lost === 'node' ? forward(mac, third.address) : noForward(mac)];
  },
  heal: (topology, { lost = 'forwarding' }) => {
    const { readAgain, neighbour, neighbour6, forward, noForward, mac, target } = commands(topology);
    if (lost === 'neighbour6') return [neighbour6, ...readAgain];
    const again = [neighbour(mac), forward(mac, target.address), ...(lost === 'address' ? [noForward(stale)] : [])];
    return [...again, ...readAgain];
  },
});
