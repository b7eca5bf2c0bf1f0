import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const [pod, client] = ['default/mypod', 'default/client'];
const wrong = '02:00:00:00:00:99';

interface Entry {
  readonly on: string;
  readonly address: string;
  readonly device: string;
}

function entryOf(topology: Topology, { at }: Readonly<Record<string, string>>): Entry {
  const { node, ip, interface: device } = podNamed(topology, pod);
  if (at === 'pod') return { on: pod, address: '169.254.1.1', device: 'eth0' };
  if (at === 'node')
    return { on: podNamed(topology, client).node, address: nodeNamed(topology, node).address, device: 'eth0' };
  return { on: node, address: ip, device };
}

/** Nobody asks for an entry again that somebody set for good. */
const set = ({ on, address, device }: Entry): Step => ({
  do: 'run',
  on,
  command: ['ip', 'neigh', 'replace', address, 'lladdr', wrong, 'dev', device, 'nud', 'permanent'],
});
const forget = ({ on, address, device }: Entry): Step => ({
  do: 'run',
  on,
  command: ['ip', 'neigh', 'del', address, 'dev', device],
});

const expects = {
  verdict: 'fault',
  roots: ['neighbour-entry-wrong'],
  answers: [flow(client, 'shop/db'), flow(client, 'default/twin'), flow('node-b', 'node-a')],
  silent: [flow(client, pod), flow('shop/db', pod)],
} as const;

export const neighbourWrong = defineFault({
  name: 'neighbour-wrong',
  summary:
    'the node of default/mypod has an entry that was set by hand, with another Ethernet address than the pod has',
  parameters: {
    at: 'pod: the pod has one for its gateway instead; node: node-b has one for the node of default/mypod',
  },
  expects,
  variants: [
    { parameters: { at: 'pod' }, expects },
    {
      parameters: { at: 'node' },
      encaps: ['ipip'],
      expects: {
        ...expects,
        answers: [flow('default/twin', pod), flow(client, 'default/twin')],
        silent: [flow(client, pod), flow('node-b', 'node-a')],
      },
    },
  ],
  break: (topology, parameters) => [set(entryOf(topology, parameters))],
  heal: (topology, parameters) => [forget(entryOf(topology, parameters))],
});
