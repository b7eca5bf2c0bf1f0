import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { tunnelDeviceDown } from '../../../src/rules/routes/tunnel-device-down.ts';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { explain } from '../../../src/jobs/explain.ts';
import { blind, captured, changed, evaluated, judged, valueOf, type Facts } from '../../support/facts.ts';

const byDefault: Route = { destination: '0.0.0.0/0', type: 'unicast', device: 'eth0', gateway: '10.250.0.1', protocol: null, metric: 0, flags: [], nextHops: [] };
let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});
const without = (key: 'routes@target' | 'routes@source', of: Facts = facts) => changed(of, { [key]: [byDefault, ...valueOf(of, key).filter(({ device, destination }) => device !== 'tunl0' && destination !== byDefault.destination)] });
const hosted = (end: 'source' | 'destination', of: Facts) => {
  const flow = valueOf(of, 'flow');
  return changed(of, { flow: { ...flow, [end]: { ...flow[end], interface: null } } });
};
/** The causes that are named where routes and tunnel device of one node, or of two, are gone. */
const downAt = async (key: 'links@source' | 'links@target') => {
  const broken = changed(without('routes@source'), { [key]: valueOf(facts, key).map((link) => (link.name === 'tunl0' ? { ...link, flags: [] } : link)) });
  const findings = await Promise.all([rule, tunnelDeviceDown].map(async (one) => findingsOf(await evaluated(one, broken)).map((finding) => ({ rule: one, finding }))));
  return explain(findings.flat()).map((one) => one.cause?.rule.id ?? null);
};

describe('fails', () => {
  test('the way there, from the source\'s node', async () => {
    expect(await judged(rule, without('routes@source'))).toEqual([`missing Route ${valueOf(facts, 'flow').destination.address} @n2 read stops`]);
  });
  test('the way back, from the pod\'s node', async () => {
    expect(await judged(rule, without('routes@target'))).toEqual([`missing Route ${valueOf(facts, 'flow').source.address} @n1 read stops`]);
  });
  test('no route at all', async () => {
    expect(await judged(rule, changed(facts, { 'routes@source': [] }))).toHaveLength(1);
  });
  test('a blackhole of a block that is another node\'s', async () => {
    const blackhole: Route = { ...byDefault, destination: `${valueOf(facts, 'flow').destination.address.replace(/\d+$/, '0')}/24`, type: 'blackhole', device: null, gateway: null };
    expect(await judged(rule, changed(without('routes@source'), { 'routes@source': [blackhole] }))).toHaveLength(1);
  });
  test('a route by way of another node, alone or as one of two next hops', async () => {
    const flow = valueOf(facts, 'flow');
    const third = '198.51.100.3';
    const nodes = [...valueOf(facts, 'nodes'), { metadata: { name: 'n3' }, status: { addresses: [{ type: 'InternalIP', address: third }] } }];
    const leading = (change: Partial<Route>) => changed(facts, { nodes, 'routes@source': valueOf(facts, 'routes@source').map((route) => (route.device === 'tunl0' && route.gateway === flow.destination.nodeAddress ? { ...route, ...change } : route)) });
    expect(await judged(rule, leading({ gateway: third }))).toEqual([`wrong Route ${flow.destination.address} @n2 read stops`]);
    expect(await judged(rule, leading({ gateway: null, nextHops: [{ gateway: flow.destination.nodeAddress, device: 'tunl0' }, { gateway: third, device: 'tunl0' }] }))).toHaveLength(1);
    expect(await judged(rule, leading({ gateway: '203.0.113.1' }))).toBe('pass');
    expect(await judged(rule, blind(leading({ gateway: third }), ['nodes']))).toBe('pass');
  });
  test('as the consequence of a tunnel device that is down on that node, not on another', async () => {
    expect(await downAt('links@source')).toEqual(['tunnel-device-down', null]);
    expect(await downAt('links@target')).toEqual([null, null]);
  });
});

test('passes with both routes', async () => {
  expect(await judged(rule, facts)).toBe('pass');
  expect(await judged(rule, await captured('healthy-vxlan-legacy'))).toBe('pass');
});

describe('inconclusive', () => {
  test('the default route, where no tunnel is used: the network may know the way', async () => {
    const plain = changed(without('routes@source'), { pools: valueOf(facts, 'pools').map((pool) => ({ ...pool, spec: { ...pool.spec, ipipMode: 'Never', vxlanMode: 'Never' } })) });
    expect(await judged(rule, plain)).toBe('inconclusive');
    expect(await judged(rule, changed(plain, { 'routes@source': [] }))).toHaveLength(1);
  });
  test.each(['routes@target', 'routes@source'] as const)('%s could not be read', async (key) => {
    expect(await judged(rule, blind(facts, [key]))).toBe('inconclusive');
  });
});

describe('does not apply', () => {
  test('to a hostNetwork pod, which its node\'s own network reaches', async () => {
    expect(await judged(rule, hosted('destination', without('routes@source')))).toBe('not-applicable');
  });
  test('to the way back of a source on its node\'s network', async () => {
    expect(await judged(rule, hosted('source', without('routes@target')))).toBe('pass');
  });
  test('within one node, or from outside', async () => {
    const flow = valueOf(facts, 'flow');
    expect(await judged(rule, changed(without('routes@source'), { flow: { ...flow, source: { ...flow.source, node: 'n1' } } }))).toBe('not-applicable');
    expect(await judged(rule, blind(facts, ['routes@source'], 'not-applicable'))).toBe('not-applicable');
  });
});
