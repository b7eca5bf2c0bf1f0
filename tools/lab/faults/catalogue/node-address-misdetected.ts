import { tunnelled, tunnelOf } from '../../encapsulation.ts';
import { setMember } from '../../saved-rules.ts';
import { addresses, nodeNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { not, type Step } from '../steps.ts';

/** An address that no node has, as one of another network that autodetection took. */
const misdetected = '192.168.77.12/24';
const usual = 'node-b';

const holdAddress = (node: string, address: string): Step => ({
  do: 'patch-calico',
  kind: 'node',
  name: node,
  patch: { spec: { bgp: { ipv4Address: address } } },
});

/** Waits until every other node allows tunnel packets of this one, or refuses them. */
const awaitAllowed = (topology: Topology, name: string, wanted: boolean): readonly Step[] => {
  const { address } = nodeNamed(topology, name);
  const asked = setMember(topology, 'get', tunnelOf(topology).hosts, address);
  return topology.nodes
    .filter((node) => node.name !== name)
    .map((node) => ({
      do: 'await',
      what: `Felix of ${node.name} to ${wanted ? 'allow' : 'refuse'} tunnel packets of ${name}`,
      on: node.name,
      command: wanted ? asked : not(asked),
      seconds: 60,
    }));
};

export const nodeAddressMisdetected = defineFault({
  name: 'node-address-misdetected',
  summary: 'Calico holds an address for node-b that no node has, so the others refuse its tunnel packets',
  encaps: tunnelled,
  parameters: { node: 'whose address; node-b when not given', address: 'the address, with its prefix length' },
  expects: {
    verdict: 'fault',
    roots: ['node-address-misdetected'],
    consequences: ['tunnel-source-refused'],
    answers: [flow('default/twin', 'default/mypod'), flow('shop/api', 'default/client'), flow('node-b', 'node-a')],
    silent: [flow('default/client', 'default/mypod')],
  },
  variants: [
    {
      // The request arrives, and the source's node refuses the packets that carry the reply.
      parameters: { node: 'node-a' },
      beside: { endsAt: 'reply', shownBy: 'packets' },
      expects: {
        verdict: 'fault',
        roots: ['node-address-misdetected'],
        consequences: ['tunnel-source-refused'],
        answers: [flow('default/client', 'default/twin'), flow('shop/db', 'default/mypod'), flow('node-b', 'node-a')],
        silent: [flow('default/client', 'default/mypod')],
      },
    },
  ],
  beside: { takes: ['nodes'], needs: ['Felix of node-a'], endsAt: 'target-node' },
  break: (topology, { node = usual, address = misdetected }) => [
    holdAddress(node, address),
    ...awaitAllowed(topology, node, false),
  ],
  heal: (topology, { node = usual }) => [
    holdAddress(node, `${nodeNamed(topology, node).address}/${addresses.prefixLength}`),
    ...awaitAllowed(topology, node, true),
  ],
});
