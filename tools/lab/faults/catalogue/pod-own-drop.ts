import { iptablesOf } from '../../saved-rules.ts';
import type { Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const pod = 'default/mypod';

function change({ dataplane }: Topology, { port }: Readonly<Record<string, string>>, how: '-A' | '-D'): Step {
  const rule =
    port === undefined
      ? ['INPUT', '-p', 'tcp', '--dport', '8080', '-j', 'DROP']
      : ['PREROUTING', '-t', 'nat', '-p', 'tcp', '--dport', '8080', '-j', 'REDIRECT', '--to-ports', port];
  return { do: 'run', on: pod, command: [`iptables-${iptablesOf(dataplane)}`, how, ...rule] };
}

/** An empty table is no table: what the first rule made goes with the last. */
const forget = ({ dataplane }: Topology): Step => ({
  do: 'run',
  on: pod,
  command: iptablesOf(dataplane) === 'nft' ? ['nft', 'flush', 'ruleset'] : ['true'],
});

const expects = {
  verdict: 'fault',
  roots: ['pod-own-rules-drop'],
  answers: [flow('default/client', pod), flow('default/client', 'default/twin', 8080), flow('node-b', 'node-a')],
  silent: [flow('default/client', pod, 8080), flow('node-a', pod, 8080)],
} as const;

export const podOwnDrop = defineFault({
  name: 'pod-own-drop',
  summary: 'a rule inside default/mypod drops what arrives for its port',
  parameters: { port: 'a closed port to which a rule redirects it instead, as a service mesh without its proxy' },
  expects,
  variants: [{ parameters: { port: '15006' }, expects }],
  beside: { takes: ['rules of the pod'], endsAt: 'target-pod' },
  break: (topology, parameters) => [change(topology, parameters, '-A')],
  heal: (topology, parameters) => [change(topology, parameters, '-D'), forget(topology)],
});
