import { calicoPath } from '../../objects/calico-crds.ts';
import { setMember } from '../../saved-rules.ts';
import { addresses, podNamed, type Topology } from '../../topology.ts';
import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { not, type Step } from '../steps.ts';

/** Felix has told the set of pools whose packets it translates. */
function awaitSet(topology: Topology, isIn: boolean): Step {
  const { node, ip } = podNamed(topology, 'default/client');
  const asked = setMember(topology, 'get', 'cali40masq-ipam-pools', ip);
  return { do: 'await', what: 'Felix', on: node, command: isIn ? asked : not(asked), seconds: 60 };
}

const pool = 'default-pool';

const set = (natOutgoing: boolean): Step => ({
  do: 'patch-calico',
  kind: 'ippool',
  name: pool,
  patch: { spec: { natOutgoing } },
});

const change = ({ datastore }: Topology, how: 'remove' | 'restore'): Step =>
  datastore === 'etcd'
    ? { do: `${how}-calico`, kind: 'ippool', name: pool }
    : { do: `${how}-object`, path: `${calicoPath('IPPool')}/${pool}` };

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
  break: (topology, { pool: how }) => [how ? change(topology, 'remove') : set(false), awaitSet(topology, false)],
  heal: (topology, { pool: how }) => [how ? change(topology, 'restore') : set(true), awaitSet(topology, true)],
});
