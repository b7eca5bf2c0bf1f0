import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
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
    consequences: ['pod-default-route-missing'],
    answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
    silent: [flow('default/client', pod), flow('node-a', pod)],
    fixedBy: 'bring-up-pod-interface',
  },
  // A pod's interface that is down takes the route with it: packets end there, and nothing tells that it was gone
  // before.
  beside: { takes: ['eth0 of the pod'], endsAt: 'target-node', hides: ['pod-route-missing'] },
  break: () => [inPod('ip', 'link', 'set', 'eth0', 'down')],
  heal: (topology) => [
    inPod('ip', 'link', 'set', 'eth0', 'up'),
    inPod('ip', 'address', 'replace', `${podNamed(topology, pod).ip}/32`, 'dev', 'eth0'),
    inPod('ip', 'route', 'replace', '169.254.1.1', 'dev', 'eth0', 'scope', 'link'),
    inPod('ip', 'route', 'replace', 'default', 'via', '169.254.1.1', 'dev', 'eth0'),
  ],
});
