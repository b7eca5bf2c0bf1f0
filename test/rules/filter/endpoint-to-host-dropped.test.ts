import { calicoGuardDrops } from '../../../src/rules/filter/calico-guard-drops.ts';
import { endpointToHostDropped as rule } from '../../../src/rules/filter/endpoint-to-host-dropped.ts';
import { expect, test } from '@jest/globals';
import {
  blind,
  captured,
  changed,
  evaluated,
  failing,
  leg,
  undecided,
  valueOf,
  withWalk,
} from '../../support/facts.ts';
import { testRule } from '../../support/rule-tester.ts';

const source = { kind: 'pod', namespace: 'default', name: 'client' } as const;
const own = (name: string) =>
  captured(name, { pod: source.name, from: null, to: { kind: 'node', name: 'n2' } }).then(failing);
const drops = ['drops Node n2 @n2 inferred stops'];
const legacy = await own('healthy-legacy');

testRule(rule, {
  lab: 'endpoint-to-host-drop',
  rows: [
    ['fails: iptables-legacy', () => legacy, drops],
    ['fails: iptables-nft', () => own('healthy-nft'), drops],
    ['fails: nftables', () => own('healthy-nftables'), drops],
    ['does not apply to another flow', () => captured('healthy-legacy'), 'not-applicable'],
    [
      'passes: the node takes it',
      () => {
        const walk = leg(legacy, 'same-node');
        return withWalk(legacy, { ...walk, result: { ...walk.result, decision: 'accept', rule: null } });
      },
      'pass',
    ],
    ['unknown is no pass (1)', () => withWalk(legacy, undecided(leg(legacy, 'same-node'))), 'inconclusive'],
    ['unknown is no pass (2)', () => blind(legacy, ['walks']), 'inconclusive'],
    ['unknown is no pass (3)', () => changed(legacy, { walks: [] }), 'inconclusive'],
  ],
});

test('no other rule of Calico is blamed for it', async () => {
  const { outcome } = await evaluated(calicoGuardDrops, legacy);
  expect([outcome.outcome, valueOf(legacy, 'flow').destination.kind]).toEqual(['pass', 'node']);
});
