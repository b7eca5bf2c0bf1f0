import { expect, test } from '@jest/globals';
import { datastoreUnreachable as rule } from '../../../src/rules/endpoint/datastore-unreachable.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { toFinding } from '../../../src/engine/finding.ts';
import type { AnyFinding } from '../../../src/model/rule.ts';
import { shellCommand } from '../../../src/model/shell-words.ts';
import { blind, captured, changed, evaluated, valueOf } from '../../support/facts.ts';
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
      'dial tcp 10.0.0.1:2379: connect: no route to host',
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
      'authentication handshake failed: remote error: tls: bad certificate: context deadline exceeded',
      'authentication handshake failed: remote error: tls: expired certificate',
      'authentication handshake failed: remote error: tls: handshake failure: context deadline exceeded',
      'dial tcp: lookup etcd.example.org on 192.0.2.53:53: no such host',
      'x509: certificate is valid for 192.0.2.1, not 192.0.2.2',
      'etcdserver: permission denied',
      'signal: killed',
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

test.each([
  ['x509: certificate has expired or is not yet valid', /has expired, or the clock/],
  ['context deadline exceeded: x509: certificate signed by unknown authority', /CA file of calicoctl/],
  ['remote error: tls: expired certificate: context deadline exceeded', /refuses calicoctl's client certificate/],
  ['remote error: tls: unknown certificate authority', /refuses calicoctl's client certificate/],
  ['remote error: tls: handshake failure: context deadline exceeded', /ended the TLS handshake/],
  ['remote error: tls: protocol version not supported', /ended the TLS handshake/],
  ['etcdserver: permission denied', /refuses the account/],
  ['open /etc/calico/key.pem: permission denied', /do not tell why/],
  ['dial tcp 192.0.2.1:2379: connect: permission denied', /do not tell why/],
  ['tls: private key does not match public key', /key file does not belong/],
  [
    "x509: cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs",
    /does not name the address/,
  ],
  ['dial tcp: lookup etcd.example.org: no such host', /does not resolve/],
  ['no etcd endpoints specified', /name no datastore/],
  ['connection is unauthorized: clusterinformations is forbidden', /refuses the account/],
  ['dial tcp 192.0.2.1:2379: connect: connection refused', /Nothing listens/],
  ['dial tcp 192.0.2.1:2379: connect: network is unreachable', /no route/],
  ['no answer in time', /without a word/],
  ['signal: killed', /do not tell why/],
])('tells what it means: %s', async (error, meaning) => {
  const [said] = findingsOf(await evaluated(rule, silent(error)));
  expect(said?.data['meaning']).toMatch(meaning);
});

test.each([
  ['dial tcp 10.0.0.1:2379: connect: connection refused', '10.0.0.1:2379'],
  ['dial tcp [fd00::1]:2379: i/o timeout', '[fd00::1]:2379'],
  ['dial tcp: lookup etcd.example.org on 192.0.2.53:53: no such host', 'ETCD:2379'],
  ['dial tcp 10.0.0.1:2379; reboot: connection refused', 'ETCD:2379'],
  ['no answer in time', 'ETCD:2379'],
])('%s: the TLS of %s is to be looked at', async (error, server) => {
  const [found] = findingsOf(await evaluated(rule, silent(error)));
  const { advice } = toFinding({ rule, finding: found as AnyFinding });
  expect(advice?.commands[2]).toContain(shellCommand`openssl s_client -connect ${server} -cert CERT `);
});
