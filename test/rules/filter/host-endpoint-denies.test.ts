import type { PacketWalk } from '../../../src/model/flow-walk.ts';
import { hostEndpointDenies as rule } from '../../../src/rules/filter/host-endpoint-denies.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  failing,
  leg,
  undecided,
  withWalk,
  type Facts,
} from '../../support/facts.ts';
import { expects } from '../../support/expectations.ts';
import { testRule } from '../../support/rule-tester.ts';

const healthy = failing(await captured('healthy-legacy'));
const through = (walk: PacketWalk, chain: string): PacketWalk => ({
  ...walk,
  branch: [
    {
      hook: 'INPUT',
      backend: 'iptables-legacy',
      family: 'ip',
      table: 'filter',
      chain: 'cali-from-host-endpoint',
      index: 1,
    },
    { hook: 'INPUT', backend: 'iptables-legacy', family: 'ip', table: 'filter', chain, index: 4 },
  ],
});
const denied = (owner: Parameters<typeof droppedBy>[1], chain = 'cali-fhfw-eth0', ending = 'cali-pi-x'): Facts =>
  withWalk(healthy, through(droppedBy(leg(healthy, 'target-ingress'), owner, { chain: ending }), chain));

testRule(rule, {
  lab: { none: 'Felix of the lab writes no chains of host endpoints' },
  rows: [
    [
      'fails: a policy of it denies',
      () => denied({ kind: 'policy', name: 'close-nodes' }),
      [
        {
          finding: 'policy Rule filter cali-pi-x 3 @n1 inferred stops',
          data: { owner: 'Policy close-nodes' },
        },
      ],
    ],
    [
      'fails: a namespaced policy, in nftables',
      () => denied({ kind: 'policy', name: 'p', namespace: 'shop' }, 'filter-cali-fh-eth0'),
      [{ finding: 'policy Rule filter cali-pi-x 3 @n1 inferred stops', data: { owner: 'Policy shop/p' } }],
    ],
    [
      'fails: its profile denies',
      () => denied({ kind: 'profile', name: 'closed' }, 'cali-th-eth0'),
      [{ finding: 'policy Rule filter cali-pi-x 3 @n1 inferred stops', data: { owner: 'Profile closed' } }],
    ],
    [
      'fails: policies select it, and none allows the packet',
      () => denied({ kind: 'host-endpoint', name: 'eth0' }, 'cali-thfw-eth0', 'cali-thfw-eth0'),
      ['end Rule filter cali-thfw-eth0 3 @n1 inferred stops'],
    ],
    [
      "fails: what the datastore says of the pod's own policies is another thing",
      () => changed(denied({ kind: 'policy', name: 'p' }), { 'expected-decisions': [expects('allow')] }),
      ['policy Rule filter cali-pi-x 3 @n1 inferred stops'],
    ],
    [
      'passes: the policy of a pod is another thing',
      () => withWalk(healthy, droppedBy(leg(healthy, 'target-ingress'), { kind: 'policy', name: 'p' })),
      'pass',
    ],
    ['passes: nothing drops', () => healthy, 'pass'],
    ['an open end is no pass', () => withWalk(healthy, undecided(leg(healthy, 'target-ingress'))), 'inconclusive'],
    ['inconclusive: nothing was walked', () => blind(healthy, ['walks']), 'inconclusive'],
  ],
});
