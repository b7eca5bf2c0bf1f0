import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

/** The rule's target: a program that inspects packets may have ended, and then nobody listens at its queue. */
const targets: Readonly<Record<string, readonly string[]>> = {
  drop: ['DROP'],
  queue: ['NFQUEUE', '--queue-num', '7'],
};

function change(topology: Topology, how: '-I' | '-D', target = 'drop'): Step {
  const { node, ip } = podNamed(topology, 'default/mypod');
  const rule = [
    'FORWARD',
    '-d',
    `${ip}/32`,
    '-m',
    'comment',
    '--comment',
    'host firewall',
    '-j',
    ...(targets[target] ?? []),
  ];
  return { do: 'run', on: node, command: [`iptables-${iptablesOf(topology.dataplane)}`, how, ...rule] };
}

const expects = {
  verdict: 'fault',
  roots: ['foreign-rule-drops'],
  answers: [
    flow('node-a', 'default/mypod'),
    flow('default/client', 'shop/db'),
    flow('default/client', 'default/twin'),
    flow('shop/api', 'default/client'),
  ],
  silent: [flow('default/client', 'default/mypod')],
} as const;

export const foreignDrop = defineFault({
  name: 'foreign-drop',
  summary: 'a host firewall drops what goes to default/mypod before Calico sees it',
  parameters: { to: 'queue: hands it to a program that does not run; drops it when not given' },
  expects,
  variants: [{ parameters: { to: 'queue' }, expects }],
  beside: { takes: ['FORWARD of node-a'], endsAt: 'target-node' },
  break: (topology, { to }) => [change(topology, '-I', to)],
  heal: (topology, { to }) => [change(topology, '-D', to)],
});
