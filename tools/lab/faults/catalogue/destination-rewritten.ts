import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const [pod, client] = ['default/mypod', 'default/client'];

const twin = 'default/twin';

function redirect(topology: Topology, how: '-A' | '-D', to: string | undefined): Step {
  const { node, interface: device } = podNamed(topology, client);
  const { ip } = podNamed(topology, pod);
  const rule = [
    'PREROUTING',
    '-i',
    device,
    '-p',
    'tcp',
    '--dport',
    '8080',
    ...(to === undefined
      ? ['-j', 'REDIRECT', '--to-ports', '15001']
      : ['-d', ip, '-j', 'DNAT', '--to-destination', `${podNamed(topology, twin).ip}:8080`]),
  ];
  return {
    do: 'run',
    on: node,
    command: [`iptables-${iptablesOf(topology.dataplane)}`, '-t', 'nat', how, ...rule],
  };
}

export const destinationRewritten = defineFault({
  name: 'destination-rewritten',
  summary: 'a proxy of node-b is gone, and its rule still sends connections of default/client to its port',
  parameters: { to: 'twin: the rule sends them to another pod, which answers in its place' },
  expects: {
    asks: [pod, '--from', `pod:${client}`, '--port', '8080/tcp'],
    verdict: 'fault',
    roots: ['destination-rewritten'],
    answers: [flow(client, pod), flow('shop/db', pod, 8080)],
    silent: [flow(client, pod, 8080), flow(client, twin, 8080)],
  },
  variants: [
    {
      parameters: { to: 'twin' },
      expects: {
        asks: [pod, '--from', `pod:${client}`, '--port', '8080/tcp'],
        verdict: 'fault',
        roots: ['destination-rewritten'],
        answers: [flow(client, pod), flow('shop/db', pod, 8080), flow(client, pod, 8080)],
        silent: [],
      },
    },
  ],
  break: (topology, { to }) => [redirect(topology, '-A', to)],
  heal: (topology, { to }) => [redirect(topology, '-D', to)],
});
