import { felixProcess } from '../../nodes/daemons.ts';
import { podNamed } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';
import { newPod } from '../new-pod.ts';

export const felixStopped = defineFault({
  name: 'felix-stopped',
  summary: 'Felix of node-a is killed and stays down; what it programmed stands',
  parameters: {
    'new-pod': 'true: default/newpod is added to the node afterwards; a diagnosis of it has the root felix-not-running',
  },
  expects: {
    verdict: 'fault',
    latent: ['felix-not-running'],
    answers: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
    silent: [],
  },
  variants: [
    {
      parameters: { 'new-pod': 'true' },
      expects: {
        asks: ['default/newpod'],
        verdict: 'fault',
        roots: ['felix-not-running'],
        answers: [flow('default/client', 'default/mypod')],
        silent: [flow('default/client', 'default/newpod')],
      },
      beside: { takes: ['Felix of node-a', 'settings of Felix', 'default/newpod'] },
    },
  ],
  beside: { takes: ['Felix of node-a', 'settings of Felix'], endsAt: null, ofAnyPod: ['felix-not-running'] },
  break: (topology, parameters) => [
    { do: 'stop', process: felixProcess(podNamed(topology, 'default/mypod').node) },
    ...(parameters['new-pod'] === 'true' ? [{ do: 'add-pod', pod: newPod(topology) } as const] : []),
  ],
  heal: (topology, parameters) => {
    const { node } = podNamed(topology, 'default/mypod');
    return [
      ...(parameters['new-pod'] === 'true' ? [{ do: 'remove-pod', pod: newPod(topology) } as const] : []),
      { do: 'start', process: felixProcess(node) },
      felixReady(node),
    ];
  },
});
