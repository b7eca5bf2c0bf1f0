import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { routeGone, routeThere } from '../felix.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const pod = 'default/mypod';
const inPod = (...command: string[]): Step => ({ do: 'run', on: pod, command });

export const podInterfaceDown = defineFault({
  name: 'pod-interface-down',
  summary: 'eth0 inside default/mypod is down, and with it the routes of the pod',
  expects: {
    verdict: 'fault',
    roots: ['pod-interface-down'],
    consequences: ['pod-default-route-missing', 'pod-route-missing'],
    answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod), flow('node-a', pod)],
    fixedBy: 'bring-up-pod-interface',
  },
  beside: { takes: ['eth0 of the pod', 'route to the pod'], needs: ['Felix of node-a'], endsAt: 'target-node' },
  // The node's end carries nothing then: Felix takes the route through it away.
  break: (topology) => [inPod('ip', 'link', 'set', 'eth0', 'down'), routeGone(topology, pod)],
  heal: (topology) => [
    inPod('ip', 'link', 'set', 'eth0', 'up'),
    inPod('ip', 'address', 'replace', `${podNamed(topology, pod).ip}/32`, 'dev', 'eth0'),
    inPod('ip', 'route', 'replace', '169.254.1.1', 'dev', 'eth0', 'scope', 'link'),
    inPod('ip', 'route', 'replace', 'default', 'via', '169.254.1.1', 'dev', 'eth0'),
    routeThere(topology, pod),
  ],
});
