import { iptablesOf } from '../../saved-rules.ts';
import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const [pod, client] = ['default/mypod', 'default/client'];

function redirect(topology: Topology, how: '-A' | '-D'): Step {
  const { node, interface: device } = podNamed(topology, client);
  const rule = ['PREROUTING', '-i', device, '-p', 'tcp', '--dport', '8080', '-j', 'REDIRECT', '--to-ports', '15001'];
  return {
    do: 'run',
    on: node,
    command: [`iptables-${iptablesOf(topology.dataplane)}`, '-t', 'nat', how, ...rule],
  };
}

export const destinationRewritten = defineFault({
  name: 'destination-rewritten',
  summary: 'a proxy of node-b is gone, and its rule still sends connections of default/client to its port',
  expects: {
    asks: [pod, '--from', `pod:${client}`, '--port', '8080/tcp'],
    verdict: 'fault',
    roots: ['destination-rewritten'],
    answers: [flow(client, pod), flow('shop/db', pod, 8080)],
    silent: [flow(client, pod, 8080), flow(client, 'default/twin', 8080)],
  },
  break: (topology) => [redirect(topology, '-A')],
  heal: (topology) => [redirect(topology, '-D')],
});
