import { addressesOf, isDual, poolName6 } from '../../dual-stack.ts';
import { calicoPath } from '../../objects/calico-crds.ts';
import { setMember } from '../../saved-rules.ts';
import { addresses, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { not, type Step } from '../steps.ts';

/** Felix has told the set of pools whose packets it translates. */
function awaitSet(topology: Topology, isIn: boolean): Step[] {
  const { node, ...pod } = podNamed(topology, 'default/client');
  return addressesOf(topology, pod).map((ip) => {
    const asked = setMember(topology, 'get', ip.includes(':') ? masquerading6 : 'cali40masq-ipam-pools', ip);
    return { do: 'await', what: 'Felix', on: node, command: isIn ? asked : not(asked), seconds: 60 };
  });
}

const masquerading6 = 'cali60masq-ipam-pools';

const pools = (topology: Topology) => ['default-pool', ...(isDual(topology) ? [poolName6] : [])];

const set = (topology: Topology, natOutgoing: boolean): Step[] =>
  pools(topology).map((name) => ({ do: 'patch-calico', kind: 'ippool', name, patch: { spec: { natOutgoing } } }));

const change = (topology: Topology, how: 'remove' | 'restore'): Step[] =>
  pools(topology).map((name) =>
    topology.datastore === 'etcd'
      ? { do: `${how}-calico`, kind: 'ippool', name }
      : { do: `${how}-object`, path: `${calicoPath('IPPool')}/${name}` },
  );

export const natOutgoingOff = defineFault({
  name: 'nat-outgoing-off',
  summary: 'the pool has natOutgoing false, so that hosts outside the cluster cannot answer the pods',
  parameters: { pool: 'deleted: instead, the pool is deleted while its pods run' },
  expects: {
    asks: ['default/client', '--to', `outside:${addresses.outside}`],
    verdict: 'fault',
    roots: ['nat-outgoing-missing'],
    answers: [flow('default/client', 'default/mypod'), flow('node-b', 'node-a')],
    silent: [],
    others: [{ verdict: 'healthy' }],
  },
  variants: [
    {
      parameters: { pool: 'deleted' },
      // Felix takes the routes of a VXLAN pool away with it.
      encaps: ['ipip'],
      expects: {
        asks: ['default/client', '--to', `outside:${addresses.outside}`],
        verdict: 'fault',
        roots: ['pool-of-pod-missing'],
        answers: [flow('default/client', 'default/mypod'), flow('node-b', 'node-a')],
        silent: [],
        others: [{ verdict: 'healthy' }],
      },
    },
  ],
  // Without its profile the client sends nothing.
  beside: { takes: ['pools'], needs: ['profiles'], endsAt: null },
  break: (topology, { pool: how }) => [
    ...(how ? change(topology, 'remove') : set(topology, false)),
    ...awaitSet(topology, false),
  ],
  heal: (topology, { pool: how }) => [
    ...(how ? change(topology, 'restore') : set(topology, true)),
    ...awaitSet(topology, true),
  ],
});
