import { describe, expect, test } from '@jest/globals';
import type { KernelWay, WayOf } from '../../../src/model/kernel-way.ts';
import { firstWays, neededSize, nodeWay, type SizedEnd } from '../../../src/probes/lib/sized-ways.ts';
import { waysOn } from '../../../src/flow-walks/chosen-way.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { policy, rerouted } from '../../support/ways.ts';

const facts = rerouted(await captured('healthy-legacy'));
const flow = valueOf(facts, 'flow');
const endOf = (of: Facts, place: 'target' | 'source', over: Partial<SizedEnd> = {}): SizedEnd => {
  const end = place === 'target' ? flow.destination : flow.source;
  const node = end.node ?? '?';
  return {
    end,
    place,
    node,
    routes: valueOf(of, `routes@${place}`),
    links: valueOf(of, `links@${place}`),
    network: null,
    ways: waysOn({ node }, valueOf(of, 'kernel-ways')),
    ...over,
  };
};
const between = (of: Facts) =>
  nodeWay('request', 'source', { from: endOf(of, 'source'), to: endOf(of, 'target') }, 1480);
const told = (wanted: WayOf, change: Partial<KernelWay>): Facts => ({
  ...facts,
  'kernel-ways': {
    status: 'observed',
    evidence: [],
    value: valueOf(facts, 'kernel-ways').map((way) => (way.of === wanted ? { ...way, ...change } : way)),
  },
});

describe('sizes are tried on the way that the kernel takes', () => {
  test('through the tunnel', () => {
    expect(between(facts)).toMatchObject({ headerBytes: 20, address: expect.stringMatching(/^10\.244\.1\./) });
  });
  test('a routing rule leads past the tunnel', () => {
    const past = rerouted(facts, {
      'routing@source': policy([`9:	from all to ${flow.destination.address} lookup 52`], {
        52: [{ device: 'eth0', gateway: flow.destination.nodeAddress }],
      }),
    });
    expect(between(past)).toMatchObject({ headerBytes: 0, address: flow.destination.nodeAddress });
    const [there] = firstWays(flow, endOf(past, 'source'), endOf(past, 'target'), 1480, false).ways;
    expect(there).toMatchObject({ kind: 'flow', headerBytes: 0 });
  });
  test('a way that is not certain is not tried, and says why', () => {
    expect(between(told('source-egress', { doubt: 'a rule asks for the port' }))).toBe(
      'the way from n2 to default/mypod is not certain: a rule asks for the port',
    );
    const { untried } = firstWays(
      flow,
      endOf(facts, 'source'),
      endOf(told('reply-target-egress', { doubt: 'a rule asks for the port' }), 'target'),
      1480,
      false,
    );
    expect(untried).toEqual([expect.stringContaining('a rule asks for the port')]);
  });
});

test("another CNI plugin's interface has the size of the pod", () => {
  const links = valueOf(facts, 'links@target').map((link) =>
    link.name === flow.destination.interface
      ? { ...link, name: 'eni1', kind: 'veth', mtu: 1300, hostRoutes: [flow.destination.address] }
      : link,
  );
  expect(neededSize(endOf(facts, 'source'), endOf(facts, 'target', { links }))).toBe(1300);
});
