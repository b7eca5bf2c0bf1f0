/** A policy of real Calico that admits some: each way in which a client can be one of the others. */
import { describe, expect, test } from '@jest/globals';
import type { Target } from '../../../src/model/target.ts';
import { policyDeniesIngress as rule } from '../../../src/rules/filter/policy-denies-ingress.ts';
import { captured, judged } from '../../support/facts.ts';

const tcp = (number: number) => ({ protocol: 'tcp', number }) as const;
const pod = (namespace: string, name: string) => ({ kind: 'pod', namespace, name }) as const;
const denied = ['selects Policy default/web-from-client-and-shop-api @n1 inferred stops'];

// It admits default's app=client, and app=api of namespaces with team=shop, on 8080/tcp.
describe.each(['policies-legacy', 'policies-nft', 'policies-bpf'])('%s', (name) => {
  test.each<[string, Partial<Target>, 'pass' | readonly string[]]>([
    ['labels that a rule selects', { port: tcp(8080) }, 'pass'],
    ['a namespace and labels that a rule selects', { port: tcp(8080), from: pod('shop', 'api') }, 'pass'],
    ['other labels in that namespace', { port: tcp(8080), from: pod('shop', 'db') }, denied],
    ['another port', { port: tcp(9090) }, denied],
    ['another port, from the other namespace', { port: tcp(9090), from: pod('shop', 'api') }, denied],
    ['another protocol', { port: { protocol: 'udp', number: 8080 } }, denied],
    ['an address outside', { port: tcp(8080), from: { kind: 'outside', address: '203.0.113.9' } }, denied],
  ])('%s', async (_, target, expected) => {
    expect(await judged(rule, await captured(name, target))).toEqual(expected);
  });
});
