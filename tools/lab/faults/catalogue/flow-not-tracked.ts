import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

/** Only the way to the pod: conntrack then sees an answer to nothing, which Calico drops as invalid. */
function change(topology: Topology, how: '-A' | '-D'): Step {
  const { node, ip } = podNamed(topology, 'default/mypod');
  const rule = ['-t', 'raw', how, 'PREROUTING', '-d', `${ip}/32`, '-j', 'CT', '--notrack'];
  return { do: 'run', on: node, command: [`iptables-${iptablesOf(topology.dataplane)}`, ...rule] };
}

export const flowNotTracked = defineFault({
  name: 'flow-not-tracked',
  summary: 'a NOTRACK rule hides what goes to default/mypod from connection tracking, and its answers are invalid',
  expects: {
    verdict: 'fault',
    roots: ['flow-not-tracked'],
    answers: [flow('node-a', 'default/mypod'), flow('default/client', 'default/twin')],
    silent: [flow('default/client', 'default/mypod')],
  },
  beside: { takes: ['raw of node-a'], endsAt: 'reply', shownBy: 'packets' },
  break: (topology) => [change(topology, '-A')],
  heal: (topology) => [change(topology, '-D')],
});
