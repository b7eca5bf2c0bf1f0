import { tunnelSourceRefused as rule } from '../../../src/rules/underlay/tunnel-source-refused.ts';
import { blind, captured, changed, failing, leg, undecided, valueOf, withWalk } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';
import { guards, holding, refusing } from '../../support/tunnel-guard.ts';

const healthy = failing(await captured('healthy-legacy'));
const overVxlan = failing(await captured('healthy-vxlan-legacy'));
const refused = (message: string, pair = 'n2→n1', node = 'n1') => `${message} NodePair ${pair} @${node} inferred stops`;

testRule(rule, {
  lab: 'node-address-misdetected',
  rows: [
    [
      'fails: Calico holds another address for the sender',
      () => holding(refusing(healthy, 'target-outer'), '10.250.0.11/24', '192.0.2.7/24'),
      [
        {
          finding: refused('differs'),
          data: { tunnel: 'IPIP', peer: 'n2', sourceAddress: '10.250.0.12', held: '192.0.2.7' },
          lacks: ['nodeAddress:n2', 'felix:n1', 'datastore/felix:n1', 'typha:n1', 'nodeRules:n1'],
        },
      ],
    ],
    [
      'fails: Calico holds no address for the sender',
      () => holding(refusing(healthy, 'target-outer'), '10.250.0.11/24', null),
      [{ finding: refused('differs'), data: { held: 'no address' } }],
    ],
    [
      "fails: the source's node refuses the replies",
      () => holding(refusing(healthy, 'reply-source-outer'), '192.0.2.7/24', '10.250.0.12/24'),
      [
        {
          finding: refused('differs', 'n1→n2', 'n2'),
          data: { peer: 'n1', sourceAddress: '10.250.0.11', held: '192.0.2.7' },
          lacks: ['nodeAddress:n1', 'felix:n2', 'datastore/felix:n2', 'typha:n2', 'nodeRules:n2'],
        },
      ],
    ],
    [
      'fails: VXLAN is refused as IP in IP is',
      () => holding(refusing(overVxlan, 'target-outer', guards.vxlan), '10.250.0.11/24', '192.0.2.7/24'),
      [{ finding: refused('differs'), data: { tunnel: 'VXLAN', sourceAddress: '10.250.0.12' } }],
    ],
    [
      'fails: Calico holds the right address, and the set on the node lacks it',
      () => holding(refusing(healthy, 'target-outer'), '10.250.0.11/24', '10.250.0.12/24'),
      [refused('stale')],
    ],
    [
      'fails: the datastore has no node of this name',
      () => changed(refusing(healthy, 'target-outer'), { 'calico-nodes': [{ node: 'n2', object: null }] }),
      [{ finding: refused('refused'), data: { why: 'its datastore has no node n2' } }],
    ],
    [
      'fails: the datastore did not answer',
      () => blind(refusing(healthy, 'target-outer'), ['calico-nodes'], 'datastore-unreachable'),
      [refused('refused')],
    ],
    ['passes where nothing is refused', () => healthy, 'pass'],
    [
      'passes: the asked flow works, so the packets come from another address',
      async () => {
        const works = await captured('healthy-legacy');
        return refusing(works, 'target-outer');
      },
      'pass',
    ],
    [
      'passes: another guard of Calico drops it',
      () => refusing(healthy, 'target-outer', 'Endpoint admin disabled'),
      'pass',
    ],
    ...(['target-outer', 'reply-source-outer'] as const).map((where): RuleRow => [
      `inconclusive: where ${where} ends is not certain`,
      () => withWalk(healthy, undecided(leg(healthy, where))),
      'inconclusive',
    ]),
    [
      'not applicable within one node',
      () => {
        const flow = valueOf(healthy, 'flow');
        return changed(healthy, { flow: { ...flow, source: { ...flow.source, node: flow.destination.node } } });
      },
      'not-applicable',
    ],
    ['inconclusive: the flow is not known', () => blind(healthy, ['flow']), 'inconclusive'],
    ['inconclusive: the packets were not walked', () => blind(healthy, ['walks']), 'inconclusive'],
  ],
});
