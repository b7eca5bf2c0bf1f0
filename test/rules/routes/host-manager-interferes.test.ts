import type { ManagedInterface } from '../../../src/model/host-managers.ts';
import { hostManagerInterferes as rule } from '../../../src/rules/routes/host-manager-interferes.ts';
import { blind, captured, changed, valueOf, type Facts } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const { destination, source } = valueOf(facts, 'flow');
const [usual, other] = [destination.interface ?? '', source.interface ?? ''];
const held = (key: 'links@target' | 'links@source', device: string, of: Facts = facts): Facts =>
  changed(of, {
    [key]: valueOf(of, key).map((link) =>
      link.name === device ? { ...link, addresses: [{ address: '169.254.7.9', prefixLength: 16 }] } : link,
    ),
  });
const managed = (manager: ManagedInterface['manager'], state: string, of: Facts = facts): Facts =>
  changed(of, { 'host-managers': [{ node: 'n1', interface: usual, manager, state }] });

testRule(rule, {
  lab: 'host-manager-interferes',
  rows: [
    [
      'fails: an address on the interface of the pod',
      () => held('links@target', usual),
      [
        {
          finding: `address Interface ${usual} @n1 read`,
          data: { address: '169.254.7.9/16' },
          withholds: ['nodeNetworking:n1'],
        },
      ],
    ],
    [
      'fails: an address on the interface of the source',
      () => held('links@source', other),
      [{ finding: `address Interface ${other} @n2 read`, withholds: ['nodeNetworking:n2'] }],
    ],
    ...(
      [
        ['NetworkManager', 'disconnected'],
        ['systemd-networkd', 'configured'],
      ] as const
    ).map(([manager, state]): RuleRow => [
      `fails: ${manager} manages it`,
      () => managed(manager, state),
      [{ finding: `managed Interface ${usual} @n1 read`, data: { manager, state, held: '' } }],
    ]),
    [
      'fails, and says what the manager gave it',
      () => managed('NetworkManager', 'connected', held('links@target', usual)),
      [
        {
          finding: `managed Interface ${usual} @n1 read`,
          data: { held: ' It has 169.254.7.9/16, which Calico does not give it.' },
        },
      ],
    ],
    ['passes: what another interface has does not count', () => held('links@target', 'eth0'), 'pass'],
    ['passes: as Calico leaves them', () => blind(facts, ['host-managers'], 'not-applicable'), 'pass'],
    ['inconclusive: the managers could not be asked', () => blind(facts, ['host-managers']), 'inconclusive'],
    ['inconclusive: one node was not read', () => blind(facts, ['links@source']), 'inconclusive'],
    ['inconclusive: the node was not read', () => blind(facts, ['links@target']), 'inconclusive'],
    [
      'does not apply on the host network',
      () =>
        changed(facts, {
          flow: {
            ...valueOf(facts, 'flow'),
            source: { ...source, interface: null },
            destination: { ...destination, interface: null },
          },
        }),
      'not-applicable',
    ],
  ],
});
