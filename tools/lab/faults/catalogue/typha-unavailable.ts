import { felixProcess, typhaProcess } from '../../nodes/daemons.ts';
import { typhaService } from '../../objects/typha.ts';
import type { Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { felixReady, felixWithoutTypha } from '../felix.ts';
import { flow } from '../flows.ts';
import { newPod } from '../new-pod.ts';
import type { Step } from '../steps.ts';

/** Felix of every node, of which one alone is told another name for Typha. */
const felixes = ({ nodes }: Topology) => nodes.map(({ name }) => name);

const latent = {
  verdict: 'fault',
  latent: ['typha-unavailable'],
  answers: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
  silent: [],
} as const;

export const typhaUnavailable = defineFault({
  name: 'typha-unavailable',
  summary: 'the program of Typha is killed and stays down, so that no Felix learns of changes',
  datastores: ['kubernetes'],
  needsTypha: true,
  parameters: {
    how: "endpoint: instead, it is scaled to 0; certificate: instead, Felix of node-a expects another name in Typha's",
    'new-pod': 'true: default/newpod is added to node-a afterwards',
  },
  expects: latent,
  variants: [
    { parameters: { how: 'endpoint' }, expects: latent },
    { parameters: { how: 'certificate' }, expects: latent },
    {
      parameters: { 'new-pod': 'true' },
      expects: {
        asks: ['default/newpod'],
        verdict: 'fault',
        roots: ['typha-unavailable'],
        consequences: ['calico-guard-drops'],
        // Felix of the source's node has no Typha either.
        latent: ['typha-unavailable'],
        answers: [flow('default/client', 'default/mypod')],
        silent: [flow('default/client', 'default/newpod')],
      },
    },
  ],
  break: (topology, { how, 'new-pod': isNew }) => {
    const pod = newPod(topology);
    const route = ['ip', 'route', 'replace', `${pod.ip}/32`, 'dev', pod.interface];
    const cut: readonly Step[] =
      how === 'endpoint'
        ? [{ do: 'scale', deployment: typhaService, replicas: 0 }]
        : how === 'certificate'
          ? [{ do: 'set-environment', process: felixProcess(pod.node), variables: { FELIX_TYPHACN: 'typha-other' } }]
          : [{ do: 'stop', process: typhaProcess }];
    return [
      ...cut,
      ...(how === 'certificate' ? [pod.node] : felixes(topology)).map(felixWithoutTypha),
      // The new pod has its route from the CNI plugin.
      ...(isNew === 'true'
        ? ([
            { do: 'add-pod', pod },
            { do: 'run', on: pod.node, command: route },
          ] as const)
        : []),
    ];
  },
  heal: (topology, { how, 'new-pod': isNew }) => {
    const pod = newPod(topology);
    return [
      ...(isNew === 'true' ? [{ do: 'remove-pod', pod } as const] : []),
      how === 'endpoint'
        ? { do: 'scale', deployment: typhaService, replicas: 1 }
        : how === 'certificate'
          ? { do: 'reset-environment', process: felixProcess(pod.node) }
          : { do: 'start', process: typhaProcess },
      ...felixes(topology).map(felixReady),
    ];
  },
});
