import { iptablesOf } from '../../saved-rules.ts';
import { nodeNamed, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { awaitTierEnd, networkPolicy, policiesOf } from '../policies.ts';
import type { Step } from '../steps.ts';

const [pod, client] = ['default/mypod', 'default/client'];
const name = 'web-from-client';

function translate(topology: Topology, how: '-I' | '-D'): Step {
  const { ip, node } = podNamed(topology, client);
  const { tunnelAddress } = nodeNamed(topology, node);
  const rule = ['-s', `${ip}/32`, '-d', `${podNamed(topology, pod).ip}/32`, '-j', 'SNAT', '--to-source', tunnelAddress];
  return {
    do: 'run',
    on: node,
    command: [`iptables-${iptablesOf(topology.dataplane)}`, '-t', 'nat', how, 'POSTROUTING', ...rule],
  };
}

export const sourceRewritten = defineFault({
  name: 'source-rewritten',
  summary:
    'a hand-made rule of node-b gives packets of default/client its own address, and a policy admits the pod alone',
  encaps: ['ipip'],
  expects: {
    verdict: 'fault',
    roots: ['source-address-rewritten'],
    consequences: ['policy-denies-ingress'],
    answers: [flow('node-a', pod), flow(client, 'shop/db'), flow(client, 'default/twin')],
    silent: [flow(client, pod), flow(client, pod, 8080)],
  },
  break: (topology) => [
    networkPolicy({
      name,
      selects: { app: 'web' },
      spec: { policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: { matchLabels: { app: 'client' } } }] }] },
    }),
    awaitTierEnd(topology, podNamed(topology, pod), 'tw', 'there'),
    translate(topology, '-I'),
  ],
  heal: (topology) => [
    translate(topology, '-D'),
    { do: 'remove-object', path: `${policiesOf('default')}/${name}` },
    awaitTierEnd(topology, podNamed(topology, pod), 'tw', 'gone'),
  ],
});
