import { birdConfiguration, birdFile, birdSocket, peerSession } from '../../nodes/bird.ts';
import { podNamed, type LabNode, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const table = 'security-group';

/** The node of the client is cut off from the reflector, a node of neither pod. */
const ends = (topology: Topology) => {
  const { nodes } = topology;
  const [source, target] = ['default/client', 'default/mypod'].map((pod) => podNamed(topology, pod).node);
  const named = (wanted: (node: LabNode) => boolean) => {
    const found = nodes.find(wanted);
    if (!found) throw new Error('no third node');
    return found;
  };
  return {
    source: named(({ name }) => name === source),
    target: named(({ name }) => name === target),
    reflector: named(({ name }) => name !== source && name !== target),
  };
};

/** Every BIRD reads a configuration with the reflector, or with the mesh again. */
function configure(topology: Topology, reflector: LabNode | null): readonly Step[] {
  return topology.nodes.map((node) => ({
    do: 'run',
    on: node.name,
    command: [
      'sh',
      '-c',
      `printf %s "$1" > ${birdFile} && birdc -s ${birdSocket} configure`,
      'sh',
      birdConfiguration(topology, node, reflector),
    ],
  }));
}

/** Waits until a node has a route to the block of another by BGP, or has none. */
const awaitRoute = (on: LabNode, { block }: LabNode, wanted: boolean): Step => ({
  do: 'await',
  what: `${on.name} to ${wanted ? 'learn' : 'forget'} the route to ${block}`,
  on: on.name,
  command: ['sh', '-c', `${wanted ? '' : '! '}ip route show ${block} | grep -q bird`],
  seconds: 60,
});

/** Until a session of the mesh is gone, and one with the reflector is established, or the other way round. */
const awaitSessions = ({ nodes }: Topology, kind: 'Node' | 'Mesh'): readonly Step[] =>
  nodes.map(({ name }) => ({
    do: 'await',
    what: `the sessions of ${name}`,
    on: name,
    command: [
      'sh',
      '-c',
      `birdc -s ${birdSocket} show protocols | grep BGP > /run/sessions && ! grep -v ^${kind}_ /run/sessions && ` +
        '! grep -v Established /run/sessions',
    ],
    seconds: 60,
  }));

const others = [
  flow('node-a', 'default/mypod'),
  flow('shop/db', 'default/mypod'),
  flow('default/twin', 'default/mypod'),
  flow('node-b', 'node-a'),
];

export const routeReflectorSilent = defineFault({
  name: 'route-reflector-silent',
  summary: 'node-c reflects the routes of the others, and TCP port 179 is dropped between it and node-b',
  encaps: ['none'],
  parameters: { port: 'open: nothing is dropped, so that the cluster with its route reflector is healthy' },
  expects: {
    verdict: 'fault',
    roots: ['bgp-session-down'],
    consequences: ['block-route-missing'],
    answers: others,
    silent: [flow('default/client', 'default/mypod')],
  },
  variants: [
    {
      parameters: { port: 'open' },
      expects: { verdict: 'healthy', answers: [...others, flow('default/client', 'default/mypod')], silent: [] },
    },
  ],
  break: (topology, { port }) => {
    const { source, target, reflector } = ends(topology);
    const both = `{ ${source.address}, ${reflector.address} }`;
    const rules = ['dport', 'sport']
      .map((which) => `ip saddr ${both} ip daddr ${both} tcp ${which} 179 counter drop`)
      .join('; ');
    const chain = `chain transit { type filter hook forward priority 0; policy accept; ${rules}; };`;
    const dropped: readonly Step[] = [
      { do: 'run', on: 'underlay', command: ['nft', `table bridge ${table} { ${chain} }`] },
      { do: 'run', on: source.name, command: ['birdc', '-s', birdSocket, 'restart', peerSession(reflector)] },
      { do: 'run', on: reflector.name, command: ['birdc', '-s', birdSocket, 'restart', peerSession(source)] },
      awaitRoute(source, target, false),
      awaitRoute(target, source, false),
    ];
    return [
      ...configure(topology, reflector),
      ...awaitSessions(topology, 'Node'),
      awaitRoute(source, target, true),
      awaitRoute(target, source, true),
      ...(port === 'open' ? [] : dropped),
    ];
  },
  heal: (topology) => {
    const { source, target } = ends(topology);
    return [
      { do: 'run', on: 'underlay', command: ['nft', `add table bridge ${table}; delete table bridge ${table}`] },
      ...configure(topology, null),
      ...awaitSessions(topology, 'Mesh'),
      awaitRoute(source, target, true),
      awaitRoute(target, source, true),
    ];
  },
});
