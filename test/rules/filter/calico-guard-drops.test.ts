import type { ReasonRise } from '../../../src/model/drop-counters.ts';
import { calicoGuardDrops as rule } from '../../../src/rules/filter/calico-guard-drops.ts';
import {
  blind,
  captured,
  changed,
  droppedBy,
  failing,
  leg,
  undecided,
  valueOf,
  withWalk,
} from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const unknown = await captured('calico-node-forbidden-new-pod-kdd-nft', { pod: 'newpod' });
const healthy = failing(await captured('healthy-legacy'));
const unknownDrops = ['drops Rule filter cali-to-wl-dispatch 2 @n1 inferred stops'];
const counting = (rise: Pick<ReasonRise, 'reason' | 'rise'> & Partial<ReasonRise>) =>
  changed(healthy, {
    'drop-counters': {
      bursts: [],
      reasons: [{ node: 'n1', interface: 'cali4e199eba087', direction: 'ingress', sent: 3, idle: 0, ...rise }],
    },
  });

testRule(rule, {
  lab: 'calico-node-forbidden',
  rows: [
    [
      'fails: eBPF programs count the test packets as dropped, for a reason that no policy gives',
      () => counting({ reason: 'packets with unknown source', rise: 3 }),
      [
        {
          finding: 'counted Interface cali4e199eba087 @n1 counter stops',
          data: { comment: 'packets with unknown source', counted: '3', sent: '3' },
          lacks: ['programming:n1', 'nodeName:n1', 'endpoint:default/mypod'],
        },
      ],
    ],
    [
      'passes: other packets than ours were dropped meanwhile',
      () => counting({ reason: 'packets with unknown source', rise: 4 }),
      'pass',
    ],
    [
      'passes: some were dropped in the idle window as well',
      () => counting({ reason: 'packets with unknown source', rise: 3, idle: 1 }),
      'pass',
    ],
    ['passes: policies are not its concern', () => counting({ reason: 'by policy', rise: 3 }), 'pass'],
    [
      'fails: an interface that Felix does not know',
      () => unknown,
      unknownDrops.map((finding, at) => ({
        finding,
        lacks: [
          `way:n1/${at === 0 ? 'target-ingress' : 'reply-target-egress'}`,
          'programming:n1',
          'nodeName:n1',
          'endpoint:default/newpod',
        ],
      })),
    ],
    [
      'fails: before a route is chosen, no way is to blame',
      () =>
        withWalk(
          healthy,
          droppedBy(
            leg(healthy, 'target-ingress'),
            { kind: 'calico-static', name: 'cali-PREROUTING' },
            { table: 'raw', chain: 'cali-PREROUTING' },
          ),
        ),
      [
        {
          finding: 'drops Rule raw cali-PREROUTING 3 @n1 inferred stops',
          lacks: ['programming:n1', 'nodeName:n1', 'endpoint:default/mypod'],
        },
      ],
    ],
    [
      "fails: on the source's node, where Felix lives",
      () =>
        withWalk(
          healthy,
          droppedBy(
            leg(healthy, 'source-egress'),
            { kind: 'dispatch', name: 'cali-from-wl-dispatch' },
            { comments: ['Unknown interface'] },
          ),
        ),
      ['drops Rule filter cali-tw-x 3 @n2 inferred stops'],
    ],
    [
      "passes: the end of an endpoint's profiles is not its own",
      () =>
        withWalk(
          healthy,
          droppedBy(
            leg(healthy, 'target-ingress'),
            { kind: 'endpoint', name: 'cali1' },
            { comments: ['Drop if no profiles matched'] },
          ),
        ),
      'pass',
    ],
    ...['healthy-nftables', 'profile-missing-rbac-nft', 'k8s-deny-ingress-legacy', 'foreign-forward-drop-nft'].map(
      (name): RuleRow => [`passes: ${name}`, () => captured(name), 'pass'],
    ),
    [
      'where Felix is dead, its own rule says it',
      () => {
        const dead = { processes: [], liveness: null, readiness: null };
        return changed(unknown, { 'felix@target': dead });
      },
      'not-applicable',
    ],
    [
      'where nobody could see whether Felix lives, the drop is still named',
      () => blind(unknown, ['felix@target', 'felix@source']),
      unknownDrops,
    ],
    [
      'fails: an endpoint that is disabled',
      () => {
        const walk = droppedBy(
          leg(healthy, 'target-ingress'),
          { kind: 'endpoint', name: 'cali1' },
          { comments: ['cali:x', 'Endpoint admin disabled'] },
        );
        return withWalk(healthy, walk);
      },
      ['drops Rule filter cali-tw-x 3 @n1 inferred stops'],
    ],
    ['unknown is no pass (1)', () => withWalk(healthy, undecided(leg(healthy, 'target-outer'))), 'inconclusive'],
    [
      'unknown is no pass (2)',
      () => changed(healthy, { walks: valueOf(healthy, 'walks').filter(({ node }) => node === 'n1') }),
      'inconclusive',
    ],
    ['unknown is no pass (3)', () => blind(healthy, ['walks']), 'inconclusive'],
    ['does not apply without a flow', () => blind(healthy, ['flow'], 'not-applicable'), 'not-applicable'],
  ],
});
