import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { ruleGone, ruleThere } from '../steps.ts';
import { podNamed, type Topology } from '../../topology.ts';

const collection = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

const denyWeb = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny-web', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
};

const target = (topology: Topology) => podNamed(topology, 'default/mypod');

const tierDrop = (topology: Topology) => `-A cali-tw-${target(topology).interface} .*End of tier default`;

export const policyDeny = defineFault({
  name: 'policy-deny',
  summary: 'a NetworkPolicy selects app=web in namespace default and allows nothing',
  expects: {
    verdict: 'fault',
    roots: ['policy-denies-ingress'],
    answers: [flow('node-a', 'default/mypod'), flow('default/client', 'shop/api'), flow('shop/api', 'default/client')],
    silent: [flow('default/client', 'default/mypod'), flow('default/client', 'default/twin')],
  },
  beside: {
    takes: ['policies'],
    needs: ['Felix of node-a', 'controllers', 'filter of node-a'],
    endsAt: 'target-node',
  },
  break: (topology) => [
    { do: 'create-object', collection, object: denyWeb },
    {
      do: 'await',
      what: 'Felix to deny',
      on: target(topology).node,
      command: ruleThere(topology.dataplane, tierDrop(topology)),
      seconds: 60,
    },
  ],
  heal: (topology) => [
    { do: 'remove-object', path: `${collection}/deny-web` },
    {
      do: 'await',
      what: 'Felix to allow',
      on: target(topology).node,
      command: ruleGone(topology.dataplane, tierDrop(topology)),
      seconds: 60,
    },
  ],
});
