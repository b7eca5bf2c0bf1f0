import { beforeAll, describe, expect, test } from '@jest/globals';
import type { IPPool } from '../../../src/model/calico.ts';
import type { Link } from '../../../src/model/network.ts';
import { tunnel } from '../../../src/model/resource.ts';
import { tunnelDeviceDown as rule } from '../../../src/rules/routes/tunnel-device-down.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});
const withTunnel = (key: 'links@target' | 'links@source', change: (link: Link) => Link | null, of: Facts = facts) =>
  changed(of, { [key]: valueOf(of, key).flatMap((link) => (link.name === 'tunl0' ? (change(link) ?? []) : link)) });
const down = (link: Link): Link => ({ ...link, flags: link.flags.filter((flag) => flag !== 'UP') });
const addressless = (link: Link): Link => ({ ...link, addresses: [] });
const withMode = (ipipMode: IPPool['spec']['ipipMode'], of: Facts) => changed(of, { pools: valueOf(of, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode } })) });

describe('fails', () => {
  test.each([
    ['missing', 'links@source', 'n2', () => null], ['missing', 'links@target', 'n1', () => null],
    ['down', 'links@source', 'n2', down], ['down', 'links@target', 'n1', down],
  ] as const)('%s on %s', async (message, key, node, change) => {
    const broken = withTunnel(key, change);
    expect(await judged(rule, broken)).toEqual([`${message} Interface tunl0 @${node} read stops`]);
    expect(findingsOf(await evaluated(rule, broken))[0]?.withholds).toEqual([tunnel(node)]);
  });
  test('without an address forwarded packets pass, the node\'s own do not', async () => {
    expect(await judged(rule, withTunnel('links@source', addressless))).toEqual(['addressless Interface tunl0 @n2 read']);
    const flow = valueOf(facts, 'flow');
    const own = changed(facts, { flow: { ...flow, source: { ...flow.source, kind: 'node', interface: null } } });
    expect(await judged(rule, withTunnel('links@source', addressless, own))).toEqual(['addressless Interface tunl0 @n2 read stops']);
  });
  test('on both nodes: two findings', async () => {
    expect(await judged(rule, withTunnel('links@target', down, withTunnel('links@source', down)))).toHaveLength(2);
  });
});

test('passes where both are up', async () => {
  expect(await judged(rule, facts)).toBe('pass');
});

describe('does not apply', () => {
  test('to a leftover device of a pool without IP in IP', async () => {
    expect(await judged(rule, withTunnel('links@source', down, withMode('Never', facts)))).toBe('not-applicable');
    expect(await judged(rule, await captured('healthy-vxlan-legacy'))).toBe('not-applicable');
  });
  test('between nodes of one subnet, where the pool is encapsulated only between subnets', async () => {
    const broken = withTunnel('links@source', down, withMode('CrossSubnet', facts));
    expect(await judged(rule, broken)).toBe('not-applicable');
    const flow = valueOf(facts, 'flow');
    expect(await judged(rule, changed(broken, { flow: { ...flow, destination: { ...flow.destination, nodeAddress: '192.168.9.9' } } }))).toHaveLength(1);
  });
  test('within one node', async () => {
    const flow = valueOf(facts, 'flow');
    expect(await judged(rule, withTunnel('links@target', down, changed(facts, { flow: { ...flow, source: { ...flow.source, node: 'n1' } } })))).toBe('not-applicable');
  });
  test('to an address in no pool (a hostNetwork pod)', async () => {
    const flow = valueOf(facts, 'flow');
    expect(await judged(rule, changed(facts, { flow: { ...flow, destination: { ...flow.destination, address: '10.250.0.11' } } }))).toBe('not-applicable');
  });
  test('to a source outside', async () => {
    expect(await judged(rule, blind(facts, ['links@source'], 'not-applicable'))).toBe('not-applicable');
  });
});

test.each(['links@target', 'links@source', 'pools'] as const)('inconclusive without %s', async (key) => {
  expect(await judged(rule, blind(facts, [key]))).toBe('inconclusive');
});
