import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { podNamed } from '../../topology.ts';
import type { Step } from '../steps.ts';

const pod = 'default/mypod';
const inPod = (...command: string[]): Step => ({ do: 'run', on: pod, command });

const expects = {
  verdict: 'fault',
  roots: ['pod-default-route-missing'],
  answers: [flow('default/client', 'shop/db'), flow('default/client', 'default/twin'), flow('node-b', 'node-a')],
  silent: [flow('default/client', pod), flow('shop/db', pod)],
} as const;

export const podRoutesLost = defineFault({
  name: 'pod-routes-lost',
  summary: 'eth0 of default/mypod went down and up again: its routes are gone',
  parameters: { lost: 'default: the default route alone; address: the address of the pod' },
  expects,
  variants: [
    { parameters: { lost: 'default' }, expects },
    { parameters: { lost: 'address' }, expects },
  ],
  beside: { takes: ['eth0 of the pod'], endsAt: 'target-pod' },
  break: (_topology, { lost }) => {
    if (lost === 'default') return [inPod('ip', 'route', 'delete', 'default')];
    if (lost === 'address') return [inPod('ip', 'address', 'flush', 'dev', 'eth0')];
    return [inPod('ip', 'link', 'set', 'eth0', 'down'), inPod('ip', 'link', 'set', 'eth0', 'up')];
  },
  heal: (topology) => {
    const { ip, node } = podNamed(topology, pod);
    return [
      inPod('ip', 'address', 'replace', `${ip}/32`, 'dev', 'eth0'),
      inPod('ip', 'route', 'replace', '169.254.1.1', 'dev', 'eth0', 'scope', 'link'),
      inPod('ip', 'route', 'replace', 'default', 'via', '169.254.1.1', 'dev', 'eth0'),
      // It may have asked for the address in vain just now: then the next packet would be refused at once.
      { do: 'run', on: node, command: ['ip', 'neighbour', 'flush', 'to', ip] },
    ];
  },
});
