import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

function change(topology: Topology, how: '-I' | '-D'): Step {
  const { node, ip } = podNamed(topology, 'default/mypod');
  const rule = ['FORWARD', '-d', `${ip}/32`, '-m', 'comment', '--comment', 'host firewall', '-j', 'DROP'];
  return { do: 'run', on: node, command: [`iptables-${iptablesOf(topology.dataplane)}`, how, ...rule] };
}

export const foreignDrop = defineFault({
  name: 'foreign-drop',
  summary: 'a host firewall drops what goes to default/mypod before Calico sees it',
  expects: {
    verdict: 'fault',
    roots: ['foreign-rule-drops'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('default/client', 'shop/db'),
      flow('default/client', 'default/twin'),
      flow('shop/api', 'default/client'),
    ],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['FORWARD of node-a'], endsAt: 'target-node' },
  break: (topology) => [change(topology, '-I')],
  heal: (topology) => [change(topology, '-D')],
});
