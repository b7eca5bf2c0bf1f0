import { datastoreUnreachable as rule } from '../../../src/rules/endpoint/datastore-unreachable.ts';
import { blind, captured, changed, valueOf } from '../../support/facts.ts';
import { testRule, type RuleRow } from '../../support/rule-tester.ts';

const facts = await captured('healthy-legacy');
const finding = 'unreachable Datastore calicoctl on n1 @n1 read';
const silent = (error: string) =>
  changed(facts, { datastore: { ...valueOf(facts, 'datastore'), reachable: false, error, state: 'unknown' } });

testRule(rule, {
  lab: { none: 'a disturbance shows it: wrong credentials of calicoctl, not a fault of the cluster' },
  rows: [
    // It never stops a flow by itself: Felix goes on with what it has.
    ...[
      'no answer in time',
      'context deadline exceeded',
      'dial tcp 10.0.0.1:2379: connect: connection refused',
      'dial tcp 10.0.0.1:2379: i/o timeout',
    ].map((error): RuleRow => [
      `fails, for every client of the node: ${error}`,
      () => silent(error),
      [{ finding, withholds: ['datastore/felix:n1', 'datastore/cni:n1'] }],
    ]),
    ...[
      'x509: certificate has expired or is not yet valid',
      'tls: private key does not match public key',
      'connection is unauthorized: clusterinformations is forbidden',
      'transport: authentication handshake failed: x509: certificate signed by unknown authority: context deadline exceeded',
      'no etcd endpoints specified',
    ].map((error): RuleRow => [
      `fails, for calicoctl alone: ${error}`,
      () => silent(error),
      [{ finding, withholds: [] }],
    ]),
    ...['healthy-legacy', 'healthy-kdd-nft'].map((name): RuleRow => [`passes: ${name}`, () => captured(name), 'pass']),
    [
      'inconclusive: calicoctl could not be run there',
      () => blind(facts, ['datastore'], 'command-failed'),
      'inconclusive',
    ],
    ['does not apply to a pod on no node yet', () => blind(facts, ['datastore'], 'not-applicable'), 'not-applicable'],
  ],
});
