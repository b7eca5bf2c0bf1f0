import { podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { awaitTierEnd, networkPolicy, policiesOf } from '../policies.ts';

const name = 'deny-client-egress';
const client = (topology: Topology) => podNamed(topology, 'default/client');

export const egressDeny = defineFault({
  name: 'egress-deny',
  summary: 'a NetworkPolicy selects app=client in namespace default and lets nothing leave',
  expects: {
    verdict: 'fault',
    roots: ['policy-denies-egress'],
    answers: [
      flow('node-a', 'default/mypod'),
      flow('default/twin', 'default/mypod'),
      flow('shop/api', 'default/client'),
    ],
    silent: [flow('default/client', 'default/mypod'), flow('default/client', 'shop/db')],
  },
  break: (topology) => [
    networkPolicy({ name, selects: { app: 'client' }, spec: { policyTypes: ['Egress'] } }),
    awaitTierEnd(topology, client(topology), 'fw', 'there'),
  ],
  heal: (topology) => [
    { do: 'remove-object', path: `${policiesOf('default')}/${name}` },
    awaitTierEnd(topology, client(topology), 'fw', 'gone'),
  ],
});
