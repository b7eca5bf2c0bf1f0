import { expect, test } from '@jest/globals';
import type { Route } from '../../../src/model/network.ts';
import { blockRouteMissing as rule } from '../../../src/rules/routes/block-route-missing.ts';
import { findingsOf } from '../../../src/engine/evaluate.ts';
import { captured, changed, evaluated, valueOf } from '../../support/facts.ts';
import { lost, rerouted } from '../../support/ways.ts';

/*
 * A pool without encapsulation. The node of the client has no route to the pod's block, so that the default route takes
 * the packet, and nobody saw it on the other node.
 */
const facts = rerouted(lost(await captured('healthy-legacy')));
const { destination } = valueOf(facts, 'flow');
const third = '198.51.100.3';
const sibling: Route = {
  destination: '10.244.77.0/26',
  type: 'unicast',
  device: 'eth0',
  gateway: third,
  protocol: 'bird',
  metric: 0,
  flags: [],
  nextHops: [],
};
const byDefault: Route = { ...sibling, destination: '0.0.0.0/0', gateway: '10.250.0.1', protocol: null };

const told = async (change: Partial<Route> | null, seen: readonly string[] = []) => {
  const kept = valueOf(facts, 'routes@source').filter(
    ({ device, destination: to }) => device !== 'tunl0' && to !== byDefault.destination,
  );
  const toPeer = kept.find(({ gateway, device }) => gateway === null && device !== null && !device.startsWith('cali'));
  const led = rerouted(facts, {
    pools: valueOf(facts, 'pools').map((pool) => ({
      ...pool,
      spec: { ...pool.spec, ipipMode: 'Never' as const, vxlanMode: 'Never' as const },
    })),
    nodes: [
      ...valueOf(facts, 'nodes'),
      { metadata: { name: 'n3' }, status: { addresses: [{ type: 'InternalIP', address: third }] } },
    ],
    'routes@source': [
      byDefault,
      ...kept,
      ...(change === null ? [] : [{ ...sibling, device: toPeer?.device ?? null, ...change }]),
    ],
  });
  const { places } = valueOf(facts, 'path-capture');
  const captures = places.map((place) => ({ ...place, requests: seen, replies: [] }));
  const all = changed(led, { 'path-capture': { ...valueOf(facts, 'path-capture'), places: captures } });
  const found = await evaluated(rule, all);
  return { outcome: found.outcome.outcome, titles: findingsOf(found).map(({ message }) => message) };
};

test('a node that leads other blocks of the pool straight to their nodes lacks the route to this one', async () => {
  expect(await told({})).toEqual({ outcome: 'fail', titles: ['missing'] });
});

test('routers between the nodes may know the way where nothing shows that the node needs the route', async () => {
  const missing = [
    await told(null),
    await told({ gateway: '10.250.0.1' }),
    await told({ gateway: destination.nodeAddress }),
    await told({ destination: '10.9.0.0/26' }),
    await told({ type: 'blackhole' }),
    await told({ device: 'eth9' }),
  ];
  expect(missing.map(({ outcome }) => outcome)).toEqual(missing.map(() => 'inconclusive'));
});

test('nothing lacks where the other node saw the packet', async () => {
  expect((await told({}, ['a'])).outcome).toBe('pass');
});
