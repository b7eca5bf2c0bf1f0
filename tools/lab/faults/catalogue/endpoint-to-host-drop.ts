import { felixProcess } from '../../nodes/daemons.ts';
import { defineFault } from '../fault.ts';
import { felixReady } from '../felix.ts';
import { flow } from '../flows.ts';
import { ruleGone, ruleThere, type Step } from '../steps.ts';
import type { Topology } from '../../topology.ts';

const node = 'node-b';
const drop = '-A cali-wl-to-host .*Configured DefaultEndpointToHostAction.* -j DROP';

const awaitRule = ({ dataplane }: Topology, isThere: boolean): Step => ({
  do: 'await',
  what: 'Felix to write its chains',
  on: node,
  command: isThere ? ruleThere(dataplane, drop) : ruleGone(dataplane, drop),
  seconds: 60,
});

export const endpointToHostDrop = defineFault({
  name: 'endpoint-to-host-drop',
  summary: 'Felix of node-b drops what the pods of the node send to the node itself',
  expects: {
    asks: ['default/client', '--to', 'node:node-b'],
    verdict: 'fault',
    roots: ['endpoint-to-host-dropped'],
    answers: [flow('default/client', 'default/mypod'), flow('default/client', 'node-a')],
    silent: [flow('default/client', node)],
  },
  break: (topology) => [
    {
      do: 'set-environment',
      process: felixProcess(node),
      variables: { FELIX_DEFAULTENDPOINTTOHOSTACTION: 'DROP' },
    },
    felixReady(node),
    awaitRule(topology, true),
  ],
  heal: (topology) => [
    { do: 'reset-environment', process: felixProcess(node) },
    felixReady(node),
    awaitRule(topology, false),
  ],
});
