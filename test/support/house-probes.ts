/** What can be seen of the house: its door, and the ways to it. */
import { observed } from '../../src/model/evidence.ts';
import type { ControlFlow } from '../../src/model/control-flow.ts';
import type { FlowEnd } from '../../src/model/flow.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import { LookError } from '../../src/model/look-error.ts';
import { defineClusterProbe, type Probe } from '../../src/model/probe.ts';
import type { House } from './house.ts';

const visitor: FlowEnd = {
  kind: 'pod',
  namespace: 'town',
  name: 'visitor',
  address: '10.0.0.2',
  node: 'street',
  nodeAddress: '10.1.0.2',
  interface: 'cali2',
};

export function probesOf(world: House): readonly Probe[] {
  const meta = {
    description: '',
    kind: 'passive',
    place: 'cluster',
    essential: false,
    commands: [],
    needs: [],
  } as const;
  return [
    defineClusterProbe({
      ...meta,
      id: 'door',
      provides: ['namespace'],
      async read({ calicoNamespaces }) {
        world.looks += 1;
        for (const namespace of calicoNamespaces) world.namespaces.add(namespace);
        if (world.gone) throw new LookError('not-applicable', 'the door is being replaced');
        if (world.fog) throw new LookError('timeout', 'fog');
        if (world.paintsItselfAfter !== null && world.looks > world.paintsItselfAfter) world.painted = true;
        return {
          namespace: observed({ metadata: { name: 'door', labels: { painted: world.painted ? 'yes' : 'no' } } }),
        };
      },
    }),
    defineClusterProbe({
      ...meta,
      id: 'ways',
      provides: ['reachability'],
      async read() {
        const attempts = [...world.ways].map(([what, open]): ReachAttempt => ({
          from: `${what} source`,
          to: '10.0.0.1',
          what,
          port: { protocol: 'tcp', number: 8080 },
          sent: 2,
          answered: open ? 2 : 0,
          answer: open ? 'reply' : 'none',
          detail: '',
        }));
        return { reachability: observed({ attempts }) };
      },
    }),
    defineClusterProbe({
      ...meta,
      id: 'denied-ways',
      provides: ['denied-flow'],
      async read(look) {
        world.watches.push(look.watch);
        if (world.blindLooks > 0) {
          world.blindLooks -= 1;
          throw new LookError('timeout', 'the lane is dark');
        }
        const flow: ControlFlow = {
          source: visitor,
          destination: { ...visitor, name: 'house' },
          port: { protocol: 'icmp' },
          refusedBy: 'lock',
          answer: world.denied ?? 'none',
          detail: '',
        };
        return { 'denied-flow': observed(world.denied ? [flow] : []) };
      },
    }),
  ];
}
