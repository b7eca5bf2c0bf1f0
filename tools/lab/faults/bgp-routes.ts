import { nodeNamed, podNamed, type Topology } from '../topology.ts';
import type { Step } from './steps.ts';

/** Returns the nodes of the asked flow. */
export const endNodes = (topology: Topology) => ({
  source: nodeNamed(topology, podNamed(topology, 'default/client').node),
  target: nodeNamed(topology, podNamed(topology, 'default/mypod').node),
});

/** Waits until both nodes have the route to the block of the other, or neither has it. */
export function awaitRoutes(topology: Topology, wanted: boolean): readonly Step[] {
  const { source, target } = endNodes(topology);
  return [
    { on: source, to: target },
    { on: target, to: source },
  ].map(({ on, to }) => ({
    do: 'await',
    what: `${on.name} to ${wanted ? 'learn' : 'forget'} the route to ${to.block}`,
    on: on.name,
    command: ['sh', '-c', `${wanted ? '' : '! '}ip route show ${to.block} | grep -q bird`],
    seconds: 60,
  }));
}
